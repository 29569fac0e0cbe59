package io.podslice.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations are read as Go's time.ParseDuration reads them. */
final class GoDurationTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0", "100ms, 100000000", "1.5s, 1500000000", "1m30s, 90000000000", "2h0.5m, 7230000000000",
                "-1s, -1000000000",
        "+5ns, 5", ".5s, 500000000", "1.s, 1000000000", "10us, 10000", "10µs, 10000", "1.9ns, 1"
    })
    void readsEveryUnitAndFraction(String text, long nanos) {
        assertThat(GoDuration.parse(text)).isEqualTo(Duration.ofNanos(nanos));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "-", "1", "s", ".s", "1x", "1..5s", "1 s", "1ms2", "1d", "9223372036.9s", "99999999999h"})
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> GoDuration.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
