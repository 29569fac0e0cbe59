package io.podslice.simulator.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.systemd.SystemdCgroupFiles;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** podslice's writer before a systemd that disables controllers by its own reckoning. */
final class KeptControllersTest {
    private static final UnitName BEST_EFFORT = new UnitName("kubepods-besteffort.slice");

    /** Seen on 257 without the drop-in: the first pod's weight took the cpuset that its plan had enabled just before. */
    @ParameterizedTest
    @ValueSource(ints = {252, 254, 257, 262})
    void aPodsFirstPropertyLeavesTheControllersThatItsPlanHasEnabled(int version) {
        SimulatedCgroups kernel = new SimulatedCgroups(Machine.regular(1, 2, 2, 2, 8L << 30));
        SimulatedSystemd systemd = new SimulatedSystemd(kernel, version);
        UnitName pod = SystemdNode.KUBEPODS.pod("a");
        for (UnitName slice : List.of(SystemdNode.KUBEPODS, BEST_EFFORT, pod)) {
            systemd.startSlice(slice, List.of(UnitProperty.flag("MemoryAccounting", true)));
        }
        try (SystemdCgroupFiles files = new SystemdCgroupFiles(kernel, systemd, SystemdNode.KUBEPODS.path())) {
            for (CgroupPath above : List.of(CgroupPath.ROOT, SystemdNode.KUBEPODS.path())) {
                files.write(above, CgroupFile.SUBTREE_CONTROL, "+cpuset");
                files.write(above, CgroupFile.SUBTREE_CONTROL, "+cpu");
            }

            files.write(pod.path(), CgroupFile.CPU_WEIGHT, "200");
            files.write(BEST_EFFORT.path(), CgroupFile.CPUSET_CPUS, "0-3");

            assertThat(kernel.read(BEST_EFFORT.path(), CgroupFile.CPUSET_CPUS)).isEqualTo("0-3");
            assertThat(kernel.read(pod.path(), CgroupFile.CPU_WEIGHT)).isEqualTo("200");
            systemd.daemonReload();
            assertThat(kernel.read(BEST_EFFORT.path(), CgroupFile.CPUSET_CPUS)).isEqualTo("0-3");
        }
    }
}
