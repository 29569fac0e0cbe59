package io.podslice.managers.resize;

import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.ResourceName;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * The order in which a resize is written (KEP-5419): memory first, then CPU; for each resource the pod's cgroup if it
 * grows, the containers that shrink, the pod's cgroup if it shrinks, the containers that grow. So a container's limit
 * never exceeds its pod's.
 */
public final class ResizeOrder {
    private ResizeOrder() {}

    /**
     * The values of a pod's cgroup.
     *
     * @param values shares, quota and limits; a quota or a memory limit of 0 is not set. Where a desired value is 0 the
     *     present one stays, since the kubelet removes no limit of a running pod
     * @param protection memory.min, memory.low and memory.high by file name, as far as they are set
     */
    public record PodCgroup(PodCgroupValues values, SortedMap<String, String> protection) {}

    /** Returns the steps for one resource; leaves out steps that change nothing. */
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

    /** Returns the sign of the limit's change: above 0 if the pod may use more than before, below 0 if less. */
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

    /**
     * Returns the sign of the request's change. Protected memory is raised after the limit above it, and lowered before
     * it.
     */
    private static int request(PodCgroup current, PodCgroup desired, ResourceName resource, int limit) {
        if (resource.equals(ResourceName.CPU)) {
            return Long.compare(desired.values().cpuShares(), current.values().cpuShares());
        }
        return desired.protection().equals(current.protection()) ? 0 : limit < 0 ? -1 : 1;
    }
}
