package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.node.TimeLimit;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallLimitTest {
    @ParameterizedTest
    @CsvSource({"PT4M, PT216S", "PT2S, PT1.8S", "PT99999999H, PT54M", ", PT108S"})
    void aHeldCallWaitsForTheStateAndIsAnsweredBeforeItsClientGivesUp(@Nullable Duration patience, Duration opening) {
        Duration budget = Duration.ofSeconds(10);
        assertThat(CallLimit.of(budget, Optional.ofNullable(patience))).isEqualTo(new TimeLimit(budget, opening));
    }
}
