package io.podslice.nri;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.LinuxResources;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdjustmentTest {
    private static final LinuxResources SENT = LinuxResources.NONE
            .withCpuShares(1024)
            .withCpuQuota(100_000, 100_000)
            .withMemoryLimit(1 << 20)
            .withCpuset("0-7", "0-1")
            .withHugepageLimits(Map.of("2MB", 1L, "1GB", 2L));

    private static LinuxResources with(LinuxResources resources, long swap, Map<String, String> unified) {
        return new LinuxResources(
                resources.cpu(),
                new LinuxResources.Memory(resources.memoryLimitBytes(), swap),
                resources.cpuset(),
                resources.oomScoreAdj(),
                resources.hugepageLimits(),
                unified);
    }

    @Test
    void what_is_as_it_shall_be_needs_no_word() {
        assertThat(Adjustment.between(SENT, SENT)).isEmpty();
    }

    @Test
    void nothing_is_said_that_is_empty_or_zero() {
        assertThat(Adjustment.between(SENT, LinuxResources.NONE)).isEmpty();
    }

    @Test
    void only_the_differences_are_said() {
        LinuxResources decided = with(
                SENT.withCpuset("2", "0")
                        .withCpuQuota(-1, 50_000)
                        .withCpuShares(2048)
                        .withMemoryLimit(2 << 20)
                        .withHugepageLimits(Map.of("2MB", 1L, "1GB", 3L)),
                0,
                Map.of("memory.min", "4096"));

        var said = Adjustment.between(with(SENT, 0, Map.of("cpu.idle", "1")), decided)
                .orElseThrow();

        assertThat(said.getCpu().getCpus()).isEqualTo("2");
        assertThat(said.getCpu().getMems()).isEqualTo("0");
        assertThat(said.getCpu().getQuota().getValue()).isEqualTo(-1);
        assertThat(said.getCpu().getPeriod().getValue()).isEqualTo(50_000);
        assertThat(said.getCpu().getShares().getValue()).isEqualTo(2048);
        assertThat(said.getMemory().getLimit().getValue()).isEqualTo(2 << 20);
        assertThat(said.getHugepageLimitsList()).hasSize(1);
        assertThat(said.getHugepageLimits(0).getPageSize()).isEqualTo("1GB");
        assertThat(said.getUnifiedMap()).isEqualTo(Map.of("memory.min", "4096"));
    }

    @Test
    void an_update_that_is_answered_keeps_the_swap() {
        LinuxResources decided = SENT.withCpuQuota(-1, 100_000);
        long limit = SENT.memoryLimitBytes();

        assertThat(swapSaid(with(SENT, limit + 4096, Map.of()), decided)).isEqualTo("4096");
        assertThat(swapSaid(with(SENT, -1, Map.of()), decided)).isEqualTo("max");
        assertThat(swapSaid(with(SENT, limit, Map.of()), decided)).isEmpty();
        assertThat(swapSaid(with(SENT, 0, Map.of()), decided)).isEmpty();
    }

    private static String swapSaid(LinuxResources running, LinuxResources decided) {
        return Adjustment.ofUpdate(running, SENT, decided).orElseThrow().getUnifiedOrDefault("memory.swap.max", "");
    }

    @Test
    void an_update_that_names_no_cpus_is_about_those_that_the_container_has() {
        LinuxResources sent = SENT.withCpuset("", "");
        LinuxResources running = SENT.withCpuset("2-3", "0");

        assertThat(Adjustment.ofUpdate(running, sent, sent.withCpuset("2-3", "0")))
                .isEmpty();
        assertThat(Adjustment.ofUpdate(running, sent, sent.withCpuset("2-4", "0"))
                        .orElseThrow()
                        .getCpu()
                        .getCpus())
                .isEqualTo("2-4");
    }
}
