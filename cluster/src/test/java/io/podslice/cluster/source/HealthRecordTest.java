package io.podslice.cluster.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthRecordTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final HealthRecord record = new HealthRecord(SpecSource.PODS_API, "Pods API at /s", () -> now);

    private void pass(Duration time) {
        now = now.plus(time);
    }

    @Test
    void counts_and_the_time_since_when_it_has_been_so() {
        record.found();
        record.missed();
        record.missed();
        assertThat(record.health(5)).isEqualTo(new SourceHealth(SpecSource.PODS_API, true, "", now, 5, 1, 2, 0));

        pass(Duration.ofSeconds(10));
        Instant broke = now;
        record.lookupFailed("no answer");
        pass(Duration.ofSeconds(10));
        record.lookupFailed("refused");
        assertThat(record.health(0))
                .isEqualTo(new SourceHealth(SpecSource.PODS_API, false, "refused", broke, 0, 1, 2, 2));

        pass(Duration.ofSeconds(10));
        record.found();
        assertThat(record.health(0)).isEqualTo(new SourceHealth(SpecSource.PODS_API, true, "", now, 0, 2, 2, 2));
    }

    @Test
    void a_watch_that_is_not_complete_is_not_ready_and_lookups_do_not_change_that() {
        record.watchWaits("waits for the list");
        record.found();
        assertThat(record.health(0).ready()).isFalse();
        assertThat(record.health(0).detail()).isEqualTo("waits for the list");
        record.lookupFailed("late");
        record.watchComplete();
        assertThat(record.health(0).ready()).isTrue();
    }

    @Test
    void each_change_is_logged_once() throws Exception {
        List<String> lines = logged(() -> {
            record.watchWaits("waits for the list");
            record.watchWaits("waits for the list");
            record.watchComplete();
            record.found();
            record.missed();
            pass(Duration.ofMinutes(5));
            record.watchFailed("the kubelet went away");
            record.watchFailed("no socket");
            record.watchFailed("no socket");
            pass(Duration.ofMinutes(2));
            record.watchFailed("no socket");
            record.watchComplete();
        });
        assertThat(lines)
                .containsExactly(
                        "INFO Pods API at /s: waits for the list",
                        "INFO Pods API at /s: answers",
                        "WARN Pods API at /s: its watch failed, and is tried again: the kubelet went away",
                        "INFO Pods API at /s: answers");
    }

    @Test
    void one_that_fails_and_works_in_turns_is_logged_once_a_minute() throws Exception {
        List<String> lines = logged(() -> {
            record.watchComplete();
            for (int i = 0; i < 1200; i++) {
                record.watchFailed("cut");
                record.watchComplete();
                pass(Duration.ofMillis(100));
            }
        });
        assertThat(lines)
                .containsExactly(
                        "INFO Pods API at /s: answers",
                        "WARN Pods API at /s: its watch failed, and is tried again: cut",
                        "INFO Pods API at /s: answers",
                        "WARN Pods API at /s: its watch failed, and is tried again: cut (and 599 failures before)",
                        "INFO Pods API at /s: answers");
    }

    /** A failure that was not said since the minute was not over, and lasts, is said with the next attempt after it. */
    @Test
    void a_failure_that_lasts_is_logged_in_the_end() throws Exception {
        List<String> lines = logged(() -> {
            record.watchComplete();
            record.watchFailed("cut");
            record.watchComplete();
            record.watchFailed("no socket");
            pass(Duration.ofMinutes(1));
            record.watchFailed("no socket");
        });
        assertThat(lines).hasSize(4);
        assertThat(lines.get(3)).contains("no socket (and 1 failures before)");
    }

    private static List<String> logged(Runnable work) {
        PrintStream before = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            work.run();
        } finally {
            System.setErr(before);
        }
        return captured.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("HealthRecord"))
                .map(line -> line.replaceFirst("^.*(INFO|WARN) \\S+HealthRecord - ", "$1 "))
                .toList();
    }
}
