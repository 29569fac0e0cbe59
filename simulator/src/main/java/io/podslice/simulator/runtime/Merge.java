package io.podslice.simulator.runtime;

import io.podslice.proto.cri.v1.LinuxContainerResources;

/** Merges an update into a container's stored resources, as containerd does. */
final class Merge {
    private Merge() {}

    /**
     * Returns the merged resources: zero and empty keep the stored value, unified goes key by key, huge page limits are
     * appended, and a memory limit without a swap limit sets swap to the limit too.
     */
    static LinuxContainerResources update(LinuxContainerResources stored, LinuxContainerResources update) {
        LinuxContainerResources.Builder merged = stored.toBuilder();
        if (update.getCpuPeriod() != 0) {
            merged.setCpuPeriod(update.getCpuPeriod());
        }
        if (update.getCpuQuota() != 0) {
            merged.setCpuQuota(update.getCpuQuota());
        }
        if (update.getCpuShares() != 0) {
            merged.setCpuShares(update.getCpuShares());
        }
        if (update.getMemoryLimitInBytes() != 0) {
            merged.setMemoryLimitInBytes(update.getMemoryLimitInBytes());
            merged.setMemorySwapLimitInBytes(update.getMemoryLimitInBytes());
        }
        if (update.getMemorySwapLimitInBytes() != 0) {
            merged.setMemorySwapLimitInBytes(update.getMemorySwapLimitInBytes());
        }
        if (update.getOomScoreAdj() != 0) {
            merged.setOomScoreAdj(update.getOomScoreAdj());
        }
        if (!update.getCpusetCpus().isEmpty()) {
            merged.setCpusetCpus(update.getCpusetCpus());
        }
        if (!update.getCpusetMems().isEmpty()) {
            merged.setCpusetMems(update.getCpusetMems());
        }
        return merged.addAllHugepageLimits(update.getHugepageLimitsList())
                .putAllUnified(update.getUnifiedMap())
                .build();
    }
}
