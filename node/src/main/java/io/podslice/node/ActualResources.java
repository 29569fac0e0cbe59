package io.podslice.node;

import io.podslice.managers.pod.ResourceRequirements;
import java.util.Map;

/**
 * What a cgroup's files say, put back into a pod's terms as the kubelet does for {@code pod.status.resources}: cpu.max
 * and memory.max into limits, cpu.weight by way of cpu.shares into a CPU request.
 *
 * @param resources what its files come to; a container's has no CPU request, for it depends on the runtime how that
 *     became a weight
 * @param memory memory.min, memory.low, memory.high and memory.max as the files say them, in this order; without those
 *     that are not there
 */
public record ActualResources(ResourceRequirements resources, Map<String, String> memory) {
    /** Nothing is there. */
    public static final ActualResources NONE = new ActualResources(ResourceRequirements.NONE, Map.of());
}
