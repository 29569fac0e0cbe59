package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.node.CpuIsolation;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Exclusive CPUs that the kernel keeps for their container, as a cgroup v2 partition. */
final class PartitionsTest {
    private static final CgroupPath SYSTEM = new CgroupPath("/system.slice");
    private static final int SERVICE = 4711;

    private static CgroupPath app(DoorFixture node, RunningPod pod) {
        return node.kubelet.cgroup(pod.manifest()).child(pod.containerId("app"));
    }

    private static String partition(DoorFixture node, RunningPod pod) {
        return node.kernel.read(app(node, pod), "cpuset.cpus.partition");
    }

    private static CpuSet cpus(DoorFixture node, RunningPod pod) {
        return CpuSet.parse(node.kernel.read(app(node, pod), "cpuset.cpus.effective"));
    }

    private static CpuSet free(DoorFixture node) {
        return CpuSet.parse(node.kernel.read(CgroupPath.ROOT, "cpuset.cpus.effective"));
    }

    private static CpuSet all() {
        return DoorFixture.MACHINE.cpuSet();
    }

    private static void assertNoListIsLeft(DoorFixture node) {
        for (CgroupPath path : List.of(DoorFixture.KUBEPODS, DoorFixture.KUBEPODS.child("burstable"))) {
            assertThat(node.kernel.read(path, "cpuset.cpus.exclusive")).isEmpty();
        }
    }

    @Test
    void noProcessOfTheNodeMayRunOnTheCpusOfAContainerThatHasThemAlone() throws IOException {
        try (DoorFixture node = new DoorFixture(CpuIsolation.AUTO)) {
            node.kernel.create(SYSTEM);
            node.kernel.start(SERVICE, SYSTEM);

            RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));

            assertThat(partition(node, db)).isEqualTo("root");
            assertThat(cpus(node, db).size()).isEqualTo(2);
            assertThat(free(node)).isEqualTo(all().minus(cpus(node, db)));
            assertThat(node.kernel.cpusAllowed(SERVICE).intersects(cpus(node, db)))
                    .isFalse();
            RunningPod more = node.kubelet.run(DoorFixture.pod("more", 4, 3));
            assertThat(cpus(node, more).size()).isEqualTo(3);
            assertThat(free(node)).isEqualTo(all().minus(cpus(node, db)).minus(cpus(node, more)));

            for (RunningPod pod : List.of(db, more)) {
                node.kubelet.stop(pod);
                node.kubelet.remove(pod);
            }
            assertThat(free(node)).isEqualTo(all());
            assertThat(node.kernel.cpusAllowed(SERVICE)).isEqualTo(all());
            assertNoListIsLeft(node);
        }
    }

    @Test
    void aPartitionGrowsAndShrinksWithItsContainer() throws IOException {
        try (DoorFixture node = new DoorFixture(CpuIsolation.PARTITION)) {
            RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));
            CpuSet before = cpus(node, db);

            RunningPod grown = node.kubelet.resize(
                    db,
                    DoorFixture.resized(
                            db.manifest(), Wants.guaranteed(Amounts.of(6, 2)), Wants.guaranteed(Amounts.of(4, 1))));

            assertThat(partition(node, grown)).isEqualTo("root");
            assertThat(cpus(node, grown).size()).isEqualTo(4);
            assertThat(cpus(node, grown).containsAll(before)).isTrue();
            assertThat(free(node)).isEqualTo(all().minus(cpus(node, grown)));
            RunningPod shrunk = node.kubelet.resize(
                    grown,
                    DoorFixture.resized(
                            db.manifest(), Wants.guaranteed(Amounts.of(4, 2)), Wants.guaranteed(Amounts.of(2, 1))));
            assertThat(partition(node, shrunk)).isEqualTo("root");
            assertThat(cpus(node, shrunk)).isEqualTo(before);
            assertThat(free(node)).isEqualTo(all().minus(before));
        }
    }

    @Test
    void theSettingChangesOnARunningNode() throws IOException {
        try (DoorFixture node = new DoorFixture(CpuIsolation.CPUSET)) {
            RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));
            CpuSet own = cpus(node, db);
            assertThat(partition(node, db)).isEqualTo("member");
            assertThat(free(node)).isEqualTo(all());

            node.restartAgent(CpuIsolation.AUTO);
            assertThat(partition(node, db)).isEqualTo("root");
            assertThat(free(node)).isEqualTo(all().minus(own));
            node.written.clear();
            node.restartAgent();
            assertThat(node.written).isEmpty();

            node.restartAgent(CpuIsolation.CPUSET);
            assertThat(partition(node, db)).isEqualTo("member");
            assertThat(cpus(node, db)).isEqualTo(own);
            assertThat(free(node)).isEqualTo(all());
            assertNoListIsLeft(node);
        }
    }

    @Test
    void aPodWhoseStateWasLostIsAdoptedWithItsPartition() throws IOException {
        try (DoorFixture node = new DoorFixture(CpuIsolation.AUTO)) {
            RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));
            CpuSet own = cpus(node, db);
            node.stopAgent();
            node.loseState();

            node.startAgent();

            assertThat(cpus(node, db)).isEqualTo(own);
            assertThat(partition(node, db)).isEqualTo("root");
            assertThat(free(node)).isEqualTo(all().minus(own));
            RunningPod more = node.kubelet.run(DoorFixture.pod("more", 4, 2));
            assertThat(cpus(node, more).intersects(own)).isFalse();
        }
    }

    /** The kernel gives no cgroup a list that has all CPUs which a sibling names. */
    @Test
    void whereTheKernelRefusesAutoFallsBackAndPartitionRefusesThePod() throws IOException {
        try (DoorFixture node = new DoorFixture(CpuIsolation.AUTO)) {
            node.kernel.create(SYSTEM);
            node.kernel.write(SYSTEM, "cpuset.cpus", "1");
            // All CPUs but 0 and its sibling are asked for: the kernel must say no.
            RunningPod db = node.kubelet.run(DoorFixture.pod("db", 14, 13));
            assertThat(partition(node, db)).isEqualTo("member");
            assertThat(cpus(node, db).size()).isEqualTo(13);
            assertNoListIsLeft(node);
            node.kubelet.stop(db);
            node.kubelet.remove(db);

            node.restartAgent(CpuIsolation.PARTITION);
            assertThatThrownBy(() -> node.kubelet.run(DoorFixture.pod("other", 14, 13)))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            refused -> assertThat(refused.getStatus().getDescription())
                                    .contains("EINVAL /kubepods/cpuset.cpus.exclusive"));
            assertNoListIsLeft(node);
        }
    }

    /** An administrator's partition below the pods' root keeps its CPUs and the root its list. */
    @Test
    void listsOfOthersStay() throws IOException {
        try (DoorFixture node = new DoorFixture(CpuIsolation.AUTO)) {
            CgroupPath special = DoorFixture.KUBEPODS.child("special");
            node.kernel.create(special);
            for (CgroupPath path : List.of(DoorFixture.KUBEPODS, special)) {
                node.kernel.write(path, "cpuset.cpus.exclusive", "0-1,8-9");
            }
            node.kernel.write(special, "cpuset.cpus.partition", "root");

            RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));

            assertThat(partition(node, db)).isEqualTo("root");
            assertThat(node.kernel.read(special, "cpuset.cpus.partition")).isEqualTo("root");
            node.kubelet.stop(db);
            node.kubelet.remove(db);
            assertThat(node.kernel.read(special, "cpuset.cpus.partition")).isEqualTo("root");
            assertThat(node.kernel.read(DoorFixture.KUBEPODS, "cpuset.cpus.exclusive"))
                    .isEqualTo("0-1,8-9");
        }
    }
}
