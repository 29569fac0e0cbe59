package io.podslice.simulator.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The events after which systemd writes a unit's attributes, as tried on systemd 252, 254, 257 and 262. */
final class RewritesTest {
    private static final String HIGH = "536870912";

    /** Writes values by file that systemd does not know of. */
    private static void writeByHand(SystemdNode node, CgroupPath path) {
        node.kernel.write(path, "memory.high", HIGH);
        node.kernel.write(path, "memory.oom.group", "1");
        node.kernel.write(path, "cpu.max.burst", "5000");
    }

    private static void assertRewritten(SystemdNode node, CgroupPath path, boolean rewritten) {
        assertThat(node.read(path, "memory.high")).isEqualTo(rewritten ? "max" : HIGH);
        assertThat(node.read(path, "memory.oom.group")).isEqualTo(rewritten ? "0" : "1");
        assertThat(node.read(path, "cpu.max.burst")).isEqualTo("5000");
        assertThat(node.read(path, "cpu.weight")).isEqualTo("40");
        assertThat(node.read(path, "cpu.max")).isEqualTo("200000 100000");
        assertThat(node.read(path, "memory.max")).isEqualTo(Long.toString(1L << 30));
    }

    @ParameterizedTest
    @ValueSource(ints = {252, 254, 257, 262})
    void anyPropertyWritesAllAttributesOfTheUnitAndOfNoOther(int version) {
        SystemdNode node = new SystemdNode(version);
        UnitName pod = node.pod("a");
        UnitName other = node.pod("b");
        node.start(pod, "1");
        node.start(other, "2");
        writeByHand(node, pod.path());
        writeByHand(node, other.path());

        node.systemd.setProperties(pod, List.of(UnitProperty.number(UnitProperty.TASKS_MAX, 77)));

        assertThat(node.read(pod, "pids.max")).isEqualTo("77");
        assertRewritten(node, pod.path(), true);
        assertRewritten(node, other.path(), false);

        node.systemd.setProperties(SystemdNode.BURSTABLE, List.of(UnitProperty.number(UnitProperty.CPU_WEIGHT, 21)));
        assertRewritten(node, other.path(), false);
    }

    @ParameterizedTest
    @ValueSource(ints = {252, 254, 257, 262})
    void reloadWritesEveryUnitButOn257(int version) {
        SystemdNode node = new SystemdNode(version);
        UnitName pod = node.pod("a");
        node.start(pod, "1");
        writeByHand(node, pod.path());
        node.systemd.daemonReload();
        assertRewritten(node, pod.path(), version != 257);

        writeByHand(node, pod.path());
        node.systemd.daemonReexec();
        assertRewritten(node, pod.path(), version != 257);
    }

    @ParameterizedTest
    @ValueSource(ints = {252, 254, 257, 262})
    void firstContainerAndLastWriteThePodAndThoseBetweenDoNot(int version) {
        SystemdNode node = new SystemdNode(version);
        UnitName pod = node.pod("a");
        node.start(node.pod("b"), "other");
        writeByHand(node, pod.path());
        CgroupPath first = node.start(pod, "1");
        assertRewritten(node, pod.path(), true);

        writeByHand(node, pod.path());
        node.kernel.write(pod.path(), "cpuset.cpus", "2-3");
        CgroupPath second = node.start(pod, "2");
        CgroupPath third = node.start(pod, "3");
        node.end(second);
        node.end(first);
        assertRewritten(node, pod.path(), false);
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("2-3");

        node.end(third);
        assertRewritten(node, pod.path(), true);
        assertThat(node.read(pod, "cpuset.cpus")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {252, 254, 257, 262})
    void containersOfOtherPodsWriteNothing(int version) {
        SystemdNode node = new SystemdNode(version);
        UnitName pod = node.pod("a");
        node.start(pod, "1");
        writeByHand(node, pod.path());

        UnitName other = node.pod("b");
        CgroupPath scope = node.start(other, "2");
        node.end(scope);
        node.systemd.stop(other);
        node.systemd.needSlice(new UnitName("system.slice"));

        assertRewritten(node, pod.path(), false);
        assertThat(node.kernel.exists(other.path())).isFalse();
    }

    @Test
    void scopesAreWrittenToo() {
        SystemdNode node = new SystemdNode(262);
        UnitName pod = node.pod("a");
        CgroupPath scope = node.start(pod, "1");
        node.kernel.write(scope, "memory.high", HIGH);
        node.kernel.write(scope, "pids.max", "9");
        node.systemd.daemonReload();
        assertThat(node.read(scope, "memory.high")).isEqualTo("max");
        assertThat(node.read(scope, "pids.max")).isEqualTo("4915");
    }

    @Test
    void setOfAPopulatedPodOutlivesItsRewriteAndThatOfAnEmptyOneDoesNot() {
        SystemdNode node = new SystemdNode(262);
        UnitName pod = node.pod("a");
        node.start(pod, "1");
        node.kernel.write(pod.path(), "cpuset.cpus", "2-3");
        node.systemd.daemonReload();
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("2-3");
        assertThat(node.systemd.log())
                .contains(
                        "Failed to set 'cpuset.cpus' attribute on '" + pod.path() + "' to '': No space left on device");
    }

    @Test
    void setThatIsAPropertyOutlivesEverything() {
        SystemdNode node = new SystemdNode(262).withDropIn();
        UnitName pod = node.pod("a");
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("0-7");
        node.systemd.setProperties(pod, List.of(UnitProperty.mask(UnitProperty.ALLOWED_CPUS, CpuSet.parse("2-3"))));
        node.systemd.daemonReload();
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("2-3");
        CgroupPath scope = node.start(pod, "1");
        node.end(scope);
        node.systemd.daemonReexec();
        assertThat(node.read(pod, "cpuset.cpus")).isEqualTo("2-3");
    }

    /** libcontainer enables cpuset by hand; the next property that changes controllers takes it away again. */
    @Test
    void cpusetComesWithTheFirstContainerAndGoesWithTheLast() {
        SystemdNode node = new SystemdNode(262);
        UnitName pod = node.pod("a");
        assertThat(node.read(pod, "cgroup.controllers")).isEqualTo("cpu io memory hugetlb pids rdma misc");
        CgroupPath scope = node.start(pod, "1");
        assertThat(node.read(pod, "cgroup.controllers")).startsWith("cpuset cpu io memory");
        node.end(scope);
        assertThat(node.read(pod, "cgroup.controllers")).doesNotContain("cpuset");
    }

    @Test
    void partitionsAndHugePagesAreNeverTouched() {
        SystemdNode node = new SystemdNode(262);
        UnitName pod = node.pod("a");
        CgroupPath scope = node.start(pod, "1");
        for (CgroupPath path : List.of(SystemdNode.KUBEPODS.path(), SystemdNode.BURSTABLE.path(), pod.path(), scope)) {
            node.kernel.write(path, "cpuset.cpus.exclusive", "6-7");
        }
        node.kernel.write(scope, "cpuset.cpus.partition", "isolated");
        assertThat(node.read(scope, "cpuset.cpus.partition")).isEqualTo("isolated");

        node.systemd.daemonReload();
        node.systemd.setProperties(
                UnitName.ofPath(scope).orElseThrow(),
                List.of(
                        UnitProperty.number(UnitProperty.CPU_WEIGHT, 50),
                        UnitProperty.mask(UnitProperty.ALLOWED_CPUS, CpuSet.parse("6"))));

        assertThat(node.read(scope, "cpuset.cpus.partition")).isEqualTo("isolated");
        assertThat(node.read(scope, "cpuset.cpus")).isEqualTo("6");
        assertThat(node.read(scope, "cpuset.cpus.effective")).isEqualTo("6-7");
    }
}
