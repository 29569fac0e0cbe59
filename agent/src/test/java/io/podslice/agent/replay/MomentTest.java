package io.podslice.agent.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.yaml.DocumentException;
import java.time.Instant;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Moments on the command line, at 2 o'clock in a zone that is one hour ahead. */
class MomentTest {
    private static final ZonedDateTime NOW = ZonedDateTime.parse("2026-11-30T02:00:00+01:00");

    @ParameterizedTest
    @CsvSource({
        "01:12, 2026-11-30T00:12:00Z",
        "1:12, 2026-11-30T00:12:00Z",
        "03:12, 2026-11-29T02:12:00Z",
        "03:12:05.5, 2026-11-29T02:12:05.5Z",
        "2026-11-29T03:12, 2026-11-29T02:12:00Z",
        "2026-11-29 03:12:07, 2026-11-29T02:12:07Z",
        "2026-11-29T03:12Z, 2026-11-29T03:12:00Z",
        "2026-11-29T03:12:07.123Z, 2026-11-29T03:12:07.123Z",
        "2026-11-29T03:12:07-05:00, 2026-11-29T08:12:07Z",
        "2026-11-29, 2026-11-28T23:00:00Z"
    })
    void times(String text, Instant time) throws Exception {
        assertThat(Moment.parse("--at", text, NOW)).isEqualTo(new Moment.AtTime(time));
    }

    @Test
    void digitsAreARevision() throws Exception {
        assertThat(Moment.parse("--at", "1764471125000123", NOW)).isEqualTo(new Moment.AtRevision(1764471125000123L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "now",
                "25:00",
                "2026-13-01",
                "-1",
                "1:2:3:4",
                "2026-11-29T03:12:07+99:00",
                "1234567890123456789"
            })
    void othersAreNone(String text) {
        assertThatThrownBy(() -> Moment.parse("--at", text, NOW))
                .isInstanceOf(DocumentException.class)
                .hasMessageStartingWith("--at \"" + text + "\": must be a revision, or a time: 03:12");
    }
}
