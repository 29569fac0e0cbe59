package io.podslice.node.resize;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.PodPhase;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.ResizeCondition;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.Map;

/**
 * The kubelet's check before a resize, for resizes that do not come by way of it: the node must have room for the pod's
 * requests beside those of the other pods that podslice knows.
 */
public final class NodeFit {
    private static final String CPU = "cpu";

    private final PresentMachine present;
    private final CpuSet reserved;
    private final long memoryBytes;

    public NodeFit(PresentMachine present, PlacementPolicy policy) {
        this.present = present;
        this.reserved = policy.reservedSystemCpus();
        Machine machine = present.machine();
        long memory = 0;
        for (Map.Entry<Integer, Long> node : machine.memory().entrySet()) {
            memory += node.getValue()
                    - policy.reservedMemory()
                            .getOrDefault(node.getKey(), Map.of())
                            .getOrDefault(ResourceName.MEMORY, 0L);
        }
        this.memoryBytes = memory;
    }

    /**
     * Checks the requests that grow.
     *
     * @param desired the pod's desired spec
     * @throws RefusedException {@code Infeasible} if a request is more than the node has for pods, {@code Deferred} if
     *     it is more than the other pods leave
     */
    void check(NodeState state, PodState pod, PodSpec desired) throws RefusedException {
        EffectiveResources wants = EffectiveResources.of(desired, pod.budget().overhead());
        long cpuUsed = 0;
        long memoryUsed = 0;
        for (PodState other : state.pods()) {
            if (!other.uid().equals(pod.uid()) && other.phase() != PodPhase.STOPPED) {
                cpuUsed += cpu(other);
                memoryUsed += memory(other);
            }
        }
        check(
                CPU,
                cpu(pod),
                wants.requests().cpuMillis(),
                cpuUsed,
                1000L * present.cpus().minus(reserved).size());
        check("memory", memory(pod), wants.requests().memoryBytes(), memoryUsed, memoryBytes);
    }

    /** Refuses as the kubelet words it. */
    private static void check(String resource, long has, long wants, long used, long capacity) throws RefusedException {
        if (wants <= has || used + wants <= capacity) {
            return;
        }
        boolean never = wants > capacity;
        throw new RefusedException(new Refusal(
                never ? ResizeCondition.INFEASIBLE : ResizeCondition.DEFERRED,
                never ? Refusal.Kind.PRECONDITION : Refusal.Kind.EXHAUSTED,
                "Node didn't have enough resource: " + resource + ", requested: " + wants + ", used: " + used
                        + ", capacity: " + capacity,
                "",
                brief(resource, wants, Math.max(0, capacity - used))));
    }

    private static String brief(String resource, long wants, long free) {
        boolean isCpu = resource.equals(CPU);
        Quantity asked = isCpu ? Quantity.ofMillis(wants) : Quantity.ofBytes(wants);
        Quantity left = isCpu ? Quantity.ofMillis(free) : Quantity.ofBytes(free);
        return "asked " + resource + " " + asked + ", " + left + " free, " + left + " fit";
    }

    private static long cpu(PodState pod) {
        return pod.spec()
                .map(spec -> EffectiveResources.of(spec, pod.budget().overhead())
                        .requests()
                        .cpuMillis())
                .orElseGet(() -> shares(pod.budget().cgroup()));
    }

    /**
     * Returns the CPU request of a pod without a spec in millicores, told by its cpu.shares; the least value of those
     * stands for none.
     */
    private static long shares(PodCgroupValues values) {
        return values.cpuShares() <= CpuUnits.MIN_SHARES ? 0 : CpuUnits.milliOfShares(values.cpuShares());
    }

    private static long memory(PodState pod) {
        return pod.spec()
                .map(spec -> EffectiveResources.of(spec, pod.budget().overhead())
                        .requests()
                        .memoryBytes())
                .orElse(0L);
    }
}
