package io.podslice.agent.config;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What one {@code PodsliceConfiguration} file says, checked, with defaults where it says nothing.
 *
 * @param policy of the CPU, memory and topology managers; no options exclude each other, and nothing is checked against
 *     the machine
 * @param memoryThrottlingFactor where memory.high lies between request and limit; above 0, at most 1
 * @param memoryReservationPolicy whether requested memory is protected
 * @param cpuCfsQuotaPeriod the CFS period of cpu.max; 1 ms to 1 s
 * @param shim the CRI door
 * @param nri the NRI door
 * @param cgroups where the kernel's files are
 * @param stateDir folder of podslice's own state; absolute
 */
public record Configuration(
        PlacementPolicy policy,
        double memoryThrottlingFactor,
        MemoryReservationPolicy memoryReservationPolicy,
        Duration cpuCfsQuotaPeriod,
        Shim shim,
        Nri nri,
        Cgroups cgroups,
        Path stateDir) {

    public static final String API_VERSION = "podslice.io/v1alpha1";
    public static final String KIND = "PodsliceConfiguration";

    /** What an empty file means. */
    public static final Configuration DEFAULT = new Configuration(
            PlacementPolicy.DEFAULT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()),
            0.9,
            MemoryReservationPolicy.NONE,
            Duration.ofMillis(100),
            Shim.DEFAULT,
            Nri.DEFAULT,
            Cgroups.DEFAULT,
            Path.of("/var/lib/podslice"));

    /**
     * The CRI door.
     *
     * @param listen path of the socket that the kubelet or crictl connects to; absolute
     * @param runtime path of the runtime's socket; absolute
     * @param allowedUids users besides root who may connect
     * @param decisionBudget how long the brain may think about one call
     */
    public record Shim(Path listen, Path runtime, Set<Integer> allowedUids, Duration decisionBudget) {

        static final Shim DEFAULT = new Shim(
                Path.of("/run/podslice/cri.sock"),
                Path.of("/run/containerd/containerd.sock"),
                Set.of(),
                Duration.ofSeconds(10));

        public Shim {
            allowedUids = Set.copyOf(allowedUids);
        }
    }

    /**
     * The NRI door.
     *
     * @param enabled whether podslice connects to the runtime's NRI socket; started by the runtime, it uses the
     *     connection that it was started with in any case
     * @param socket path of the runtime's NRI socket; absolute
     * @param name that podslice registers with: letters, digits and {@code _.+-}
     * @param index two digits; the runtime calls plugins in ascending order
     */
    public record Nri(boolean enabled, Path socket, String name, String index) {

        static final Nri DEFAULT = new Nri(false, Path.of("/var/run/nri/nri.sock"), "podslice", "10");
    }

    /**
     * Where the kernel's files are.
     *
     * @param root mount point of the cgroup v2 tree; absolute
     * @param kubepods the cgroup below which pods live
     * @param sysfs mount point of sysfs; absolute
     * @param procfs mount point of procfs; absolute
     */
    public record Cgroups(Path root, CgroupPath kubepods, Path sysfs, Path procfs) {

        static final Cgroups DEFAULT =
                new Cgroups(Path.of("/sys/fs/cgroup"), new CgroupPath("/kubepods"), Path.of("/sys"), Path.of("/proc"));
    }
}
