package io.podslice.simulator.kubelet;

/**
 * The amounts from which the kubelet derives the values of a pod's cgroup.
 *
 * @param cpuRequestMillis millicores
 * @param cpuLimitMillis millicores; 0 if the pod's cgroup gets no limit
 * @param memoryLimitBytes bytes; 0 if the pod's cgroup gets no limit
 */
record PodBudget(long cpuRequestMillis, long cpuLimitMillis, long memoryLimitBytes) {

    /** Returns a pod's budget. A limit counts for the pod if the pod has one itself or each of its containers has. */
    static PodBudget of(PodManifest pod) {
        Amounts limits = pod.effectiveLimits();
        boolean cpu = pod.wants().limits().cpuMillis() != 0 || pod.everyContainerLimitsCpu();
        boolean memory = pod.wants().limits().memoryBytes() != 0 || pod.everyContainerLimitsMemory();
        return new PodBudget(
                pod.effectiveRequests().cpuMillis(), cpu ? limits.cpuMillis() : 0, memory ? limits.memoryBytes() : 0);
    }

    PodBudget withCpuRequest(long millis) {
        return new PodBudget(millis, cpuLimitMillis, memoryLimitBytes);
    }

    PodBudget withCpuLimit(long millis) {
        return new PodBudget(cpuRequestMillis, millis, memoryLimitBytes);
    }

    PodBudget withMemoryLimit(long bytes) {
        return new PodBudget(cpuRequestMillis, cpuLimitMillis, bytes);
    }
}
