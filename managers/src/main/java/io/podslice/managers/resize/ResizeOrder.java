package io.podslice.managers.resize;

import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.ResourceName;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * The order in which a resize is written (KEP-5419): first memory, then CPU; of each the pod's cgroup up, the containers
 * that shrink, the pod's cgroup down, the containers that grow. So a container's limit is never above its pod's.
 */
public final class ResizeOrder {
    private ResizeOrder() {}

    /**
     * What a pod's cgroup says.
     *
     * @param values a quota or a memory limit that is 0 is not set; of what is desired it stays as it is, since the
     *     kubelet removes no limit of a running pod
     * @param protection memory.min, memory.low and memory.high by file name, as far as they are set
     */
    public record PodCgroup(PodCgroupValues values, SortedMap<String, String> protection) {}

    /** The steps for one resource; none that changes nothing. */
    public static List<ResizeStep> of(
            PodCgroup current, PodCgroup desired, ContainerResizes containers, ResourceName resource) {
        List<ResizeStep> steps = new ArrayList<>();
        int limit = limit(current.values(), desired.values(), resource);
        int request = request(current, desired, resource, limit);
        if (limit > 0) {
            steps.add(new ResizeStep.PodLimit(resource));
        }
        if (request > 0) {
            steps.add(new ResizeStep.PodRequest(resource));
        }
        containers.down(resource).forEach(name -> steps.add(new ResizeStep.Container(resource, name)));
        if (request < 0) {
            steps.add(new ResizeStep.PodRequest(resource));
        }
        if (limit < 0) {
            steps.add(new ResizeStep.PodLimit(resource));
        }
        containers.up(resource).forEach(name -> steps.add(new ResizeStep.Container(resource, name)));
        return steps;
    }

    /** Above 0: the pod may use more than before; below: less. */
    private static int limit(PodCgroupValues current, PodCgroupValues desired, ResourceName resource) {
        if (resource.equals(ResourceName.MEMORY)) {
            return desired.memoryMaxBytes() == 0 ? 0 : compare(desired.memoryMaxBytes(), current.memoryMaxBytes());
        }
        if (desired.cpuQuotaMicros() == 0) {
            return 0;
        }
        int share = compare(milli(desired), milli(current));
        boolean samePeriod = desired.cpuPeriodMicros() == current.cpuPeriodMicros();
        return share != 0 || samePeriod || milli(desired) == 0 ? share : 1;
    }

    private static int compare(long desired, long current) {
        return Long.compare(unlimited(desired), unlimited(current));
    }

    private static long milli(PodCgroupValues values) {
        return CpuUnits.milliOfQuota(values.cpuQuotaMicros(), values.cpuPeriodMicros());
    }

    private static long unlimited(long value) {
        return value <= 0 ? Long.MAX_VALUE : value;
    }

    /** What is protected is raised once the limit above it is, and lowered before it. */
    private static int request(PodCgroup current, PodCgroup desired, ResourceName resource, int limit) {
        if (resource.equals(ResourceName.CPU)) {
            return Long.compare(desired.values().cpuShares(), current.values().cpuShares());
        }
        return desired.protection().equals(current.protection()) ? 0 : limit < 0 ? -1 : 1;
    }
}
