package io.podslice.cluster.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PausesTest {

    @Test
    void pauses_double_up_to_half_a_minute() {
        Pauses pauses = new Pauses(WatchTimes.DEFAULT, () -> 0);
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            millis.add(pauses.afterFailure().toMillis());
        }

        assertThat(millis).containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L, 12_800L, 25_600L, 30_000L, 30_000L);
        for (int i = 0; i < 100; i++) {
            assertThat(pauses.afterFailure()).isEqualTo(Duration.ofSeconds(30));
        }
    }

    @Test
    void a_watch_that_ends_early_is_begun_again_soon() {
        Pauses pauses = new Pauses(WatchTimes.DEFAULT, () -> 0);
        for (int i = 0; i < 100; i++) {
            assertThat(pauses.afterWatch(Duration.ofSeconds(1))).isLessThanOrEqualTo(Duration.ofSeconds(2));
        }
    }

    @Test
    void a_watch_that_lasted_is_followed_by_the_next_at_once() {
        Pauses pauses = new Pauses(WatchTimes.DEFAULT, () -> 0);
        for (int i = 0; i < 100; i++) {
            pauses.afterFailure();
        }

        assertThat(pauses.afterWatch(Duration.ofMinutes(5))).isZero();
        assertThat(pauses.afterFailure()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void up_to_half_of_a_pause_is_taken_away_at_random() {
        Pauses pauses = new Pauses(WatchTimes.DEFAULT, () -> 0.999);

        assertThat(pauses.afterFailure()).isBetween(Duration.ofMillis(100), Duration.ofMillis(101));
    }
}
