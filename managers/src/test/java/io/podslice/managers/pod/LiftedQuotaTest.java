package io.podslice.managers.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class LiftedQuotaTest {
    private static final LinuxResources SENT = LinuxResources.NONE.withCpuQuota(200_000, 50_000);

    @Test
    void theSendersQuotaStaysAndTheCgroupFileComesAfterIt() {
        LinuxResources lifted = LiftedQuota.lifted(SENT.withUnified(Map.of("memory.oom.group", "1")), 100_000);

        assertThat(lifted.cpuQuotaMicros()).isEqualTo(200_000);
        assertThat(lifted.unified())
                .containsOnly(Map.entry("cpu.max", "max 50000"), Map.entry("memory.oom.group", "1"));
        assertThat(LiftedQuota.isLifted(lifted)).isTrue();
        assertThat(LiftedQuota.quotaInForce(lifted)).isEqualTo(-1);
    }

    @Test
    void anUpdateWithoutAQuotaLiftsTheOneThatTheRuntimeHas() {
        assertThat(LiftedQuota.lifted(LinuxResources.NONE, 100_000).unified())
                .containsExactly(Map.entry("cpu.max", "max 100000"));
    }

    @Test
    void aQuotaThatItsSenderHasLiftedStaysAsItIs() {
        LinuxResources sent = SENT.withCpuQuota(-1, 100_000);

        assertThat(LiftedQuota.lifted(sent, 100_000)).isEqualTo(sent);
        assertThat(LiftedQuota.quotaInForce(sent)).isEqualTo(-1);
    }

    @Test
    void aQuotaInForceIsTheOneNamed() {
        assertThat(LiftedQuota.isLifted(SENT)).isFalse();
        assertThat(LiftedQuota.quotaInForce(SENT)).isEqualTo(200_000);
        assertThat(LiftedQuota.quotaInForce(SENT.withUnified(Map.of("cpu.max", "100000 50000"))))
                .isEqualTo(200_000);
    }

    @Test
    void aRuntimeThatDoesNotShowWhatItWasToldIsNotToldAgain() {
        LinuxResources decided = LiftedQuota.lifted(SENT.withUnified(Map.of("memory.min", "4096")), 100_000);

        assertThat(LiftedQuota.asTold(decided, SENT).unified()).containsExactly(Map.entry("memory.min", "4096"));
        assertThat(LiftedQuota.asTold(decided, decided)).isEqualTo(decided);
        assertThat(LiftedQuota.asTold(SENT, SENT)).isEqualTo(SENT);
    }
}
