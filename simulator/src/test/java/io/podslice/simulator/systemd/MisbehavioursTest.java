package io.podslice.simulator.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.systemd.SystemdException;
import io.podslice.cgroups.systemd.SystemdManager;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answers of systemd that a client must not take at their word. */
final class MisbehavioursTest {
    private static UnitProperty cpus(String list) {
        return UnitProperty.mask(UnitProperty.ALLOWED_CPUS, CpuSet.parse(list));
    }

    private static String errorOf(Runnable call) {
        try {
            call.run();
        } catch (SystemdException e) {
            return e.errorName();
        }
        return "none";
    }

    @Test
    void propertiesOfAUnitThatIsNotThereWaitForIt() {
        SystemdNode node = new SystemdNode(257).withDropIn();
        UnitName pod = SystemdNode.BURSTABLE.pod("a");
        node.systemd.setProperties(pod, List.of(cpus("2-3")));
        assertThat(node.systemd.exists(pod)).isFalse();
        assertThat(node.systemd.keepsPropertiesOf(pod)).isTrue();

        node.pod("a");
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("2-3");

        node.systemd.stop(pod);
        assertThat(node.systemd.keepsPropertiesOf(pod)).isTrue();
        node.systemd.revert(pod);
        assertThat(node.systemd.keepsPropertiesOf(pod)).isFalse();
        node.pod("a");
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("0-7");
    }

    @Test
    void revertOfALiveUnitTakesTheKubeletsPropertiesAtTheNextReload() {
        SystemdNode node = new SystemdNode(262);
        UnitName pod = node.pod("a");
        node.systemd.revert(pod);
        assertThat(node.read(pod, "memory.max")).isEqualTo(Long.toString(1L << 30));
        node.systemd.daemonReload();
        assertThat(node.read(pod, "memory.max")).isEqualTo("max");
    }

    @Test
    void valueThatTheKernelRefusesIsASuccess() {
        SystemdNode node = new SystemdNode(262).withDropIn();
        UnitName pod = node.pod("a");
        node.systemd.setProperties(pod, List.of(cpus("2-5,16")));
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("0-7");
        node.systemd.setProperties(pod, List.of(UnitProperty.number(UnitProperty.MEMORY_MAX, 10)));
        assertThat(node.read(pod, "memory.max")).isEqualTo("0");
    }

    @Test
    void callWithOneBadPropertyChangesNothing() {
        SystemdNode node = new SystemdNode(252);
        UnitName pod = node.pod("a");
        String before = node.read(pod, "memory.max");
        UnitProperty good = UnitProperty.number(UnitProperty.MEMORY_MAX, 1L << 29);
        assertThat(errorOf(() -> node.systemd.setProperties(
                        pod, List.of(good, UnitProperty.number(UnitProperty.CPU_WEIGHT, 10_001)))))
                .isEqualTo(SystemdException.INVALID_ARGS);
        assertThat(errorOf(() -> node.systemd.setProperties(
                        pod, List.of(good, UnitProperty.number(UnitProperty.MEMORY_ZSWAP_MAX, 0)))))
                .isEqualTo(SystemdException.PROPERTY_READ_ONLY);
        assertThat(errorOf(() -> node.systemd.setProperties(pod, List.of(good, UnitProperty.flag("Delegate", true)))))
                .isEqualTo(SystemdException.PROPERTY_READ_ONLY);
        assertThat(node.read(pod, "memory.max")).isEqualTo(before);
    }

    /** A quota that is no whole per cent loses its fraction at a reload, and reads back right until then. */
    @ParameterizedTest
    @CsvSource({"252,41000", "254,41000", "257,41700", "262,41700"})
    void quotaIsRoundedAtAReload(int version, String later) {
        SystemdNode node = new SystemdNode(version);
        UnitName pod = node.pod("a");
        node.systemd.setProperties(pod, List.of(UnitProperty.number(UnitProperty.CPU_QUOTA_PER_SEC, 417_000)));
        assertThat(node.read(pod, "cpu.max")).isEqualTo("41700 100000");
        node.systemd.daemonReload();
        node.systemd.setProperties(pod, List.of(UnitProperty.number(UnitProperty.TASKS_MAX, 5)));
        assertThat(node.read(pod, "cpu.max")).isEqualTo(later + " 100000");
    }

    @Test
    void quotaBelowAMillisecondHasALongerPeriod() {
        SystemdNode node = new SystemdNode(262);
        UnitName pod = node.pod("a");
        node.systemd.setProperties(pod, List.of(UnitProperty.number(UnitProperty.CPU_QUOTA_PER_SEC, 5000)));
        assertThat(node.read(pod, "cpu.max")).isEqualTo("1000 200000");
    }

    @Test
    void weightOfZeroMeansIdle() {
        SystemdNode node = new SystemdNode(252);
        UnitName pod = node.pod("a");
        node.systemd.setProperties(pod, List.of(UnitProperty.number(UnitProperty.CPU_WEIGHT, 0)));
        assertThat(node.read(pod, "cpu.idle")).isEqualTo("1");
        node.systemd.setProperties(pod, List.of(UnitProperty.number(UnitProperty.CPU_WEIGHT, 7)));
        assertThat(node.read(pod, "cpu.idle")).isEqualTo("0");
        assertThat(node.read(pod, "cpu.weight")).isEqualTo("7");
    }

    /** Sets of several drop-ins are united; one that sorts after systemd's own widens every set. */
    @Test
    void dropInMustSortBeforeSystemdsOwn() {
        SystemdNode node = new SystemdNode(262);
        UnitName pod = node.pod("a");
        node.systemd.installDropIn("kubepods-.slice.d", "90-late.conf", List.of(cpus("0-7")));
        node.systemd.setProperties(pod, List.of(cpus("2-3")));
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("2-3");
        node.systemd.daemonReload();
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("0-7");

        node.systemd.removeDropIn("kubepods-.slice.d", "90-late.conf");
        node.systemd.installDropIn("kubepods-.slice.d", "10-early.conf", List.of(cpus("0-7")));
        node.systemd.daemonReload();
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("2-3");
    }

    @Test
    void emptySetCancelsTheDropInAndTakesTheControllerAway() {
        SystemdNode node = new SystemdNode(262).withDropIn();
        UnitName pod = node.pod("a");
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("0-7");
        node.systemd.setProperties(pod, List.of(cpus("")));
        assertThat(node.kernel.hasFile(pod.path(), "cpuset.cpus")).isFalse();
    }

    @Test
    void stoppedSliceTakesEverythingInItAlong() {
        SystemdNode node = new SystemdNode(262);
        UnitName pod = node.pod("a");
        CgroupPath scope = node.start(pod, "1");
        node.systemd.stop(pod);
        assertThat(node.kernel.exists(pod.path())).isFalse();
        assertThat(node.systemd.exists(UnitName.ofPath(scope).orElseThrow())).isFalse();
        assertThat(node.kernel.isRunning(100)).isFalse();
        node.systemd.stop(pod);
    }

    @Test
    void unitThatIsThereCannotBeStartedAgain() {
        SystemdNode node = new SystemdNode(262);
        UnitName pod = node.pod("a");
        CgroupPath scope = node.start(pod, "1");
        UnitName unit = UnitName.ofPath(scope).orElseThrow();
        assertThat(errorOf(() -> node.systemd.startScope(unit, pod, List.of())))
                .isEqualTo(SystemdException.UNIT_EXISTS);
        node.systemd.startSlice(pod, List.of(UnitProperty.number(UnitProperty.CPU_WEIGHT, 3)));
        assertThat(node.read(pod, "cpu.weight")).isEqualTo("40");
        assertThatThrownBy(() -> node.systemd.startSlice(unit, List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void systemdThatDoesNotAnswerDoesNothing() {
        SystemdNode node = new SystemdNode(262);
        UnitName pod = node.pod("a");
        node.systemd.answers(false);
        assertThat(errorOf(() ->
                        node.systemd.setProperties(pod, List.of(UnitProperty.number(UnitProperty.CPU_WEIGHT, 3)))))
                .isEqualTo(SystemdException.NO_REPLY);
        node.systemd.answers(true);
        assertThat(node.read(pod, "cpu.weight")).isEqualTo("40");
    }

    @Test
    void listenersHearOfReloadsUntilTheyAreClosed() {
        SystemdNode node = new SystemdNode(257);
        List<String> heard = new ArrayList<>();
        SystemdManager.Watch watch = node.systemd.watch(new SystemdManager.Listener() {
            @Override
            public void reloaded() {
                heard.add("reloaded");
            }

            @Override
            public void reconnected() {
                heard.add("reconnected");
            }
        });
        node.systemd.daemonReload();
        node.systemd.daemonReexec();
        watch.close();
        node.systemd.daemonReload();
        assertThat(heard).containsExactly("reloaded", "reconnected");
    }
}
