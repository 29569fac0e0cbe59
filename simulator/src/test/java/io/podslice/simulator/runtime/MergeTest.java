package io.podslice.simulator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.proto.cri.v1.HugepageLimit;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MergeTest {
    private static final LinuxContainerResources STORED = LinuxContainerResources.newBuilder()
            .setCpuPeriod(100_000)
            .setCpuQuota(200_000)
            .setCpuShares(2048)
            .setMemoryLimitInBytes(1 << 30)
            .setOomScoreAdj(500)
            .setCpusetCpus("0-3")
            .setCpusetMems("0")
            .putUnified("memory.low", "1")
            .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB"))
            .build();

    @Test
    void whatAnUpdateDoesNotSayStays() {
        assertThat(Merge.update(STORED, LinuxContainerResources.getDefaultInstance()))
                .isEqualTo(STORED);
    }

    @Test
    void whatItSaysReplaces() {
        LinuxContainerResources merged = Merge.update(
                STORED,
                LinuxContainerResources.newBuilder()
                        .setCpuQuota(-1)
                        .setCpusetCpus("4-5")
                        .build());
        assertThat(merged)
                .isEqualTo(
                        STORED.toBuilder().setCpuQuota(-1).setCpusetCpus("4-5").build());
    }

    @Test
    void memoryLimitTakesSwapAlong() {
        LinuxContainerResources merged = Merge.update(
                STORED,
                LinuxContainerResources.newBuilder()
                        .setMemoryLimitInBytes(2L << 30)
                        .build());
        assertThat(merged.getMemoryLimitInBytes()).isEqualTo(2L << 30);
        assertThat(merged.getMemorySwapLimitInBytes()).isEqualTo(2L << 30);
    }

    @Test
    void unifiedMergesByKeyAndHugePageLimitsPileUp() {
        LinuxContainerResources merged = Merge.update(
                STORED,
                LinuxContainerResources.newBuilder()
                        .putUnified("memory.high", "2")
                        .addHugepageLimits(
                                HugepageLimit.newBuilder().setPageSize("2MB").setLimit(7))
                        .build());
        assertThat(merged.getUnifiedMap()).isEqualTo(Map.of("memory.low", "1", "memory.high", "2"));
        assertThat(merged.getHugepageLimitsList())
                .extracting(HugepageLimit::getLimit)
                .containsExactly(0L, 7L);
    }
}
