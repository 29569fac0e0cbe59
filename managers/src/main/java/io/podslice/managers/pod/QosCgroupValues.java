package io.podslice.managers.pod;

/**
 * The values, in the cgroups above the pods', that depend on the pods (kubelet's QOSContainerManager). The besteffort
 * cgroup always has {@link CpuUnits#MIN_SHARES}.
 *
 * @param burstableCpuShares cpu.shares of the burstable cgroup, 2 to 262144
 * @param kubepodsMemoryMinBytes memory.min of the kubepods cgroup; 0: nothing is protected
 * @param kubepodsMemoryLowBytes memory.low of the kubepods cgroup; 0: nothing is protected
 * @param burstableMemoryLowBytes memory.low of the burstable cgroup; 0: nothing is protected
 */
public record QosCgroupValues(
        long burstableCpuShares,
        long kubepodsMemoryMinBytes,
        long kubepodsMemoryLowBytes,
        long burstableMemoryLowBytes) {

    /** One of the node's pods, with its effective resources. */
    public record Pod(QosClass qos, EffectiveResources resources) {}

    /**
     * Returns the values for these pods. A child's protection counts only as far as its parents have it too, so theirs
     * are sums: Burstable pods' requests in both, Guaranteed ones' in the kubepods cgroup, which is their parent. The
     * kernel caps a cgroup's memory.low by its parent's memory.low alone, so the kubepods cgroup has that beside its
     * memory.min.
     *
     * @param qos the protection of requests, with the headroom of Guaranteed ones
     */
    public static QosCgroupValues of(Iterable<Pod> pods, MemoryQos qos) {
        long guaranteed = 0;
        ResourceList burstable = ResourceList.EMPTY;
        for (Pod pod : pods) {
            ResourceList requests = pod.resources().requests();
            switch (pod.qos()) {
                case GUARANTEED -> guaranteed += qos.withoutHeadroom(requests.memoryBytes());
                case BURSTABLE -> burstable = burstable.plus(requests);
                case BEST_EFFORT -> {
                    // A BestEffort pod has no requests.
                }
            }
        }
        return new QosCgroupValues(
                CpuUnits.sharesOf(burstable.cpuMillis()),
                qos.tiered() ? guaranteed + burstable.memoryBytes() : 0,
                qos.tiered() ? burstable.memoryBytes() : 0,
                qos.tiered() ? burstable.memoryBytes() : 0);
    }
}
