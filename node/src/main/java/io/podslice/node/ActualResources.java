package io.podslice.node;

import io.podslice.managers.pod.ResourceRequirements;
import java.util.Map;

/**
 * A cgroup's actual values as Kubernetes amounts, converted as the kubelet does for {@code pod.status.resources}:
 * cpu.max and memory.max become limits, cpu.weight by way of cpu.shares becomes a CPU request. A pod's amounts are without
 * its overhead, as those that it asks for are; the files' texts include it.
 *
 * @param resources the amounts; a container has no CPU request, because each runtime computes cpu.weight from it in its
 *     own way
 * @param memory text of memory.min, memory.low, memory.high and memory.max by file name, in this order; a file that
 *     does not exist is left out
 */
public record ActualResources(ResourceRequirements resources, Map<String, String> memory) {
    /** No amounts and no files: the values of a cgroup that does not exist. */
    public static final ActualResources NONE = new ActualResources(ResourceRequirements.NONE, Map.of());
}
