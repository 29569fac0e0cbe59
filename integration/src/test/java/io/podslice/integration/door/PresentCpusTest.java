package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.kubelet.RunningPod;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nodes on which pods cannot use every CPU that the machine has, or not any more. */
final class PresentCpusTest {
    private static CpuSet cpus(DoorFixture node, RunningPod pod, String container) {
        return CpuSet.parse(node.cpus(node.kubelet.cgroup(pod.manifest()), pod.containerId(container)));
    }

    @Test
    void exclusivePodsRunOnTheCpusThatAnAdministratorLeavesToPods() throws IOException {
        try (DoorFixture node = new DoorFixture()) {
            node.kernel.write(DoorFixture.KUBEPODS, "cpuset.cpus", "8-11");

            RunningPod db = node.kubelet.run(DoorFixture.pod("db", 3, 2));

            CpuSet app = cpus(node, db, "app");
            assertThat(app.size()).isEqualTo(2);
            assertThat(CpuSet.parse("8-11").containsAll(app)).isTrue();
            assertThat(CpuSet.parse(node.others()))
                    .isEqualTo(CpuSet.parse("8-11").minus(app).minus(cpus(node, db, "helper")));
            assertThat(node.kernel.read(DoorFixture.KUBEPODS, "cpuset.cpus")).isEqualTo("8-11");
            assertThatThrownBy(() -> node.kubelet.run(DoorFixture.pod("more", 2, 1)))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            refused -> assertThat(refused.getStatus().getDescription())
                                    .doesNotContain("EBUSY")
                                    .contains("requested=2, available=0"));
        }
    }

    /** On Linux from 6.7 on an administrator may shield a container's CPUs from all other cgroups. */
    @Test
    void aContainerThatIsMadeAPartitionKeepsItsCpus() throws IOException {
        try (DoorFixture node = new DoorFixture()) {
            RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));
            CgroupPath pod = node.kubelet.cgroup(db.manifest());
            CgroupPath container = pod.child(db.containerId("app"));
            CpuSet app = cpus(node, db, "app");
            for (CgroupPath path : List.of(DoorFixture.KUBEPODS, pod, container)) {
                node.kernel.write(path, "cpuset.cpus.exclusive", app.toString());
            }
            node.kernel.write(container, "cpuset.cpus.partition", "isolated");
            assertThat(node.kernel.read(container, "cpuset.cpus.partition")).isEqualTo("isolated");
            assertThat(CpuSet.parse(node.kernel.read(DoorFixture.KUBEPODS, "cpuset.cpus.effective"))
                            .intersects(app))
                    .isFalse();
            node.written.clear();

            node.restartAgent();

            assertThat(cpus(node, db, "app")).isEqualTo(app);
            assertThat(node.written).isEmpty();
            RunningPod more = node.kubelet.run(DoorFixture.pod("more", 4, 2));
            assertThat(cpus(node, more, "app").intersects(app)).isFalse();
            assertThat(cpus(node, db, "app")).isEqualTo(app);
        }
    }

    /** Only its owner can use the CPUs of a partition that is no pod of podslice's. */
    @Test
    void theCpusOfAnAdministratorsPartitionBelowKubepodsAreGivenToNoPod() throws IOException {
        try (DoorFixture node = new DoorFixture()) {
            CgroupPath special = DoorFixture.KUBEPODS.child("special");
            node.kernel.create(special);
            for (CgroupPath path : List.of(DoorFixture.KUBEPODS, special)) {
                node.kernel.write(path, "cpuset.cpus.exclusive", "0-1,8-9");
            }
            node.kernel.write(special, "cpuset.cpus.partition", "root");
            assertThat(node.kernel.read(special, "cpuset.cpus.partition")).isEqualTo("root");

            RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));

            assertThat(cpus(node, db, "app").union(cpus(node, db, "helper"))).isEqualTo(CpuSet.parse("2-3,10-11"));
            assertThat(node.kernel.read(special, "cpuset.cpus.effective")).isEqualTo("0-1,8-9");
        }
    }

    @Test
    void aCpuThatWentOfflineWhilePodsliceWasAwayIsReplaced() throws IOException {
        try (DoorFixture node = new DoorFixture()) {
            RunningPod db = node.kubelet.run(DoorFixture.pod("db", 4, 2));
            CpuSet before = cpus(node, db, "app");
            CgroupPath cgroup = node.kubelet.cgroup(db.manifest());
            node.stopAgent();
            node.takeOffline(CpuSet.of(before.first()));

            node.startAgent();

            CpuSet after = cpus(node, db, "app");
            assertThat(after.size()).isEqualTo(2);
            assertThat(after.contains(before.first())).isFalse();
            assertThat(CpuSet.parse(node.others()).intersects(after.union(cpus(node, db, "helper"))))
                    .isFalse();
            assertThat(node.kernel.read(cgroup, "cpu.max")).isEqualTo("400000 100000");
        }
    }
}
