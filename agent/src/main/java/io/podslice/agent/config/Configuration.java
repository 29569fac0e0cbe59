package io.podslice.agent.config;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.cgroups.layout.CgroupName;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.Bounds;
import io.podslice.node.CpuIsolation;
import io.podslice.node.NodeConfig;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The content of one {@code PodsliceConfiguration} file, checked, with defaults for the keys that it leaves out.
 *
 * @param policy of the CPU, memory and topology managers; no options exclude each other, and nothing is checked against
 *     the machine
 * @param memory how memory is protected and throttled
 * @param cpuCfsQuotaPeriod the CFS period of cpu.max; 1 ms to 1 s
 * @param shim the CRI door
 * @param nri the NRI door
 * @param cgroups where the kernel's files are
 * @param api the node API
 * @param stateDir folder of podslice's own state; absolute
 * @param bounds the most that pods may ask of podslice
 * @param isolation how exclusive CPUs are kept for their owners
 * @param cluster where podslice learns what pods ask for, and what becomes of refused pods
 */
public record Configuration(
        PlacementPolicy policy,
        Memory memory,
        Duration cpuCfsQuotaPeriod,
        Shim shim,
        Nri nri,
        Cgroups cgroups,
        Api api,
        Path stateDir,
        Bounds bounds,
        CpuIsolation isolation,
        ClusterConfiguration cluster) {

    public static final String API_VERSION = "podslice.io/v1alpha1";
    public static final String KIND = "PodsliceConfiguration";

    /** The configuration that an empty file gives. */
    public static final Configuration DEFAULT = new Configuration(
            PlacementPolicy.DEFAULT.withMemoryManager(MemoryManagerPolicy.STATIC, Map.of()),
            Memory.DEFAULT,
            Duration.ofMillis(100),
            Shim.DEFAULT,
            Nri.DEFAULT,
            Cgroups.DEFAULT,
            Api.DEFAULT,
            Path.of("/var/lib/podslice"),
            Bounds.NONE,
            CpuIsolation.CPUSET,
            ClusterConfiguration.DEFAULT);

    /** Returns this configuration with another policy and other bounds. */
    public Configuration with(PlacementPolicy other, Bounds others) {
        return new Configuration(
                other, memory, cpuCfsQuotaPeriod, shim, nri, cgroups, api, stateDir, others, isolation, cluster);
    }

    /** Returns this configuration with other sources of pods' specs and devices. */
    public Configuration with(ClusterConfiguration other) {
        return new Configuration(
                policy, memory, cpuCfsQuotaPeriod, shim, nri, cgroups, api, stateDir, bounds, isolation, other);
    }

    /** Returns this configuration with another node API. */
    public Configuration with(Api other) {
        return new Configuration(
                policy, memory, cpuCfsQuotaPeriod, shim, nri, cgroups, other, stateDir, bounds, isolation, cluster);
    }

    /** Returns this configuration with exclusive CPUs kept for their owners in another way. */
    public Configuration withIsolation(CpuIsolation other) {
        return new Configuration(
                policy, memory, cpuCfsQuotaPeriod, shim, nri, cgroups, api, stateDir, bounds, other, cluster);
    }

    /**
     * Returns how memory is protected and throttled on a machine.
     *
     * @param pageBytes size of its memory pages
     */
    public MemoryQos memoryQos(Machine machine, long pageBytes) {
        long allocatable = machine.memoryBytes();
        for (Map<ResourceName, Long> limits : policy.reservedMemory().values()) {
            allocatable -= limits.getOrDefault(ResourceName.MEMORY, 0L);
        }
        return new MemoryQos(
                memory.reservationPolicy() == MemoryReservationPolicy.TIERED_RESERVATION,
                memory.throttlingFactor(),
                memory.version(),
                memory.minHeadroomPercent(),
                pageBytes,
                Math.max(0, allocatable));
    }

    /**
     * Returns the part of this configuration that the brain gets.
     *
     * @param placed the policy that pods are placed by
     * @param layout the places of the node's cgroups
     * @param machine the machine that the pods run on
     * @param pageBytes size of its memory pages
     */
    public NodeConfig nodeConfig(PlacementPolicy placed, CgroupLayout layout, Machine machine, long pageBytes) {
        return new NodeConfig(
                placed,
                layout.kubepods(),
                new Cfs(true, TimeUnit.NANOSECONDS.toMicros(cpuCfsQuotaPeriod.toNanos())),
                NodeConfig.DEFAULT.lostAfter(),
                memoryQos(machine, pageBytes),
                bounds,
                isolation);
    }

    /**
     * Memory protection (KEP-2570).
     *
     * @param throttlingFactor where memory.high lies between request and limit; above 0, at most 1; empty: no
     *     memory.high
     * @param reservationPolicy the policy that protects requested memory from reclaim
     * @param version the kubelet whose rules are followed
     * @param minHeadroomPercent how much of a Guaranteed request memory.min leaves out, 0 to 100
     */
    public record Memory(
            OptionalDouble throttlingFactor,
            MemoryReservationPolicy reservationPolicy,
            MemoryQosVersion version,
            int minHeadroomPercent) {

        static final Memory DEFAULT =
                new Memory(OptionalDouble.empty(), MemoryReservationPolicy.NONE, MemoryQosVersion.V1_37, 0);
    }

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
     * The mount points and the cgroup where the kernel's files are.
     *
     * @param root mount point of the cgroup v2 tree; absolute
     * @param driver the cgroup driver of kubelet and runtime; empty: podslice finds it out
     * @param kubepods the cgroup below which pods live, by the kubelet's name, which each driver spells in its way
     * @param sysfs mount point of sysfs; absolute
     * @param procfs mount point of procfs; absolute
     */
    public record Cgroups(Path root, Optional<CgroupDriver> driver, CgroupName kubepods, Path sysfs, Path procfs) {

        static final Cgroups DEFAULT = new Cgroups(
                Path.of("/sys/fs/cgroup"),
                Optional.empty(),
                new CgroupName(List.of("kubepods")),
                Path.of("/sys"),
                Path.of("/proc"));

        /**
         * Returns the places of pods' cgroups under a driver.
         *
         * @throws IllegalArgumentException if the driver cannot spell {@link #kubepods}; the message says why
         */
        public CgroupLayout layout(CgroupDriver driver) {
            return CgroupLayout.of(kubepods, driver);
        }
    }

    /**
     * The node API.
     *
     * @param listen path of its socket; absolute
     * @param allowedUids users besides root who may connect
     * @param metrics the address at which Prometheus finds the node's figures; empty: no metrics
     * @param page a loopback address or a Unix socket at which a browser finds the node's page; empty: no page
     * @param recording where the node's changes are kept
     */
    public record Api(
            Path listen,
            Set<Integer> allowedUids,
            Optional<InetSocketAddress> metrics,
            Optional<SocketAddress> page,
            Recording recording) {

        static final Api DEFAULT = new Api(beside(Shim.DEFAULT.listen()), Set.of(), Optional.empty(), Optional.empty());

        public Api {
            allowedUids = Set.copyOf(allowedUids);
        }

        /** Makes the settings of a node API whose changes are not recorded. */
        public Api(
                Path listen,
                Set<Integer> allowedUids,
                Optional<InetSocketAddress> metrics,
                Optional<SocketAddress> page) {
            this(listen, allowedUids, metrics, page, Recording.OFF);
        }

        /** Returns these settings with another recording. */
        public Api with(Recording other) {
            return new Api(listen, allowedUids, metrics, page, other);
        }

        /** Returns the default path of the API's socket: podslice.sock in the folder of the shim's socket. */
        static Path beside(Path shim) {
            return shim.resolveSibling("podslice.sock");
        }
    }
    /**
     * The recording of the node's changes.
     *
     * @param dir the folder in which it is kept; absolute; empty: nothing is recorded
     * @param maxBytes the most that its files may have together; {@link #LEAST_BYTES} to {@link #MOST_BYTES}
     */
    public record Recording(Optional<Path> dir, long maxBytes) {
        public static final long LEAST_BYTES = 4L << 20;
        public static final long MOST_BYTES = 64L << 30;

        /** The default: nothing is recorded. */
        public static final Recording OFF = new Recording(Optional.empty(), 64L << 20);
    }
}
