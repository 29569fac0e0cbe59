package io.podslice.node;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.MemoryQos;
import java.time.Duration;

/**
 * The brain's configuration, fixed at its start.
 *
 * @param policy CPU, topology and memory policies, with the reserved CPUs and memory
 * @param kubepods the root cgroup of all pods; a slice where the cgroup driver is systemd
 * @param cfs how CPU limits are enforced
 * @param lostAfter how long a pod must have been running before it counts as lost when it has no processes; its sandbox
 *     may be slow to start
 * @param memoryQos how memory is protected and throttled
 * @param bounds the most that pods may ask of podslice
 * @param isolation how exclusive CPUs are kept for their owners
 */
public record NodeConfig(
        PlacementPolicy policy,
        CgroupPath kubepods,
        Cfs cfs,
        Duration lostAfter,
        MemoryQos memoryQos,
        Bounds bounds,
        CpuIsolation isolation) {

    /** The kubelet's defaults with its static CPU manager, pods below {@code /kubepods}. */
    public static final NodeConfig DEFAULT =
            new NodeConfig(PlacementPolicy.DEFAULT, new CgroupPath("/kubepods"), Cfs.DEFAULT, Duration.ofSeconds(30));

    /** Makes a configuration in which memory is neither protected nor throttled. */
    public NodeConfig(PlacementPolicy policy, CgroupPath kubepods, Cfs cfs, Duration lostAfter) {
        this(policy, kubepods, cfs, lostAfter, MemoryQos.OFF);
    }

    /** Makes a configuration without bounds. */
    public NodeConfig(PlacementPolicy policy, CgroupPath kubepods, Cfs cfs, Duration lostAfter, MemoryQos memoryQos) {
        this(policy, kubepods, cfs, lostAfter, memoryQos, Bounds.NONE);
    }

    /** Returns the places of the cgroups of pods and containers. */
    public CgroupLayout layout() {
        return new CgroupLayout(kubepods);
    }

    /** Returns this configuration with other bounds. */
    public NodeConfig withBounds(Bounds other) {
        return new NodeConfig(policy, kubepods, cfs, lostAfter, memoryQos, other, isolation);
    }

    /** Makes a configuration in which exclusive CPUs are kept for their owners by {@code cpuset.cpus}. */
    public NodeConfig(
            PlacementPolicy policy,
            CgroupPath kubepods,
            Cfs cfs,
            Duration lostAfter,
            MemoryQos memoryQos,
            Bounds bounds) {
        this(policy, kubepods, cfs, lostAfter, memoryQos, bounds, CpuIsolation.CPUSET);
    }

    /** Returns this configuration with exclusive CPUs kept for their owners in another way. */
    public NodeConfig withIsolation(CpuIsolation other) {
        return new NodeConfig(policy, kubepods, cfs, lostAfter, memoryQos, bounds, other);
    }

    public NodeConfig {
        if (lostAfter.isNegative()) {
            throw new IllegalArgumentException("lostAfter " + lostAfter + ": must not be negative");
        }
    }
}
