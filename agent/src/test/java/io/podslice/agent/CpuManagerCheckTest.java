package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A kubelet that gives out CPUs itself is warned of once, and again after it had stopped. */
class CpuManagerCheckTest {
    private static final long MINUTE = CpuManagerCheck.PAUSE.toNanos();

    private Optional<String> answer = Optional.empty();
    private boolean failing;
    private int asked;

    private final CpuManagerCheck check = new CpuManagerCheck(_ -> {
        asked++;
        if (failing) {
            throw new IOException("deadline exceeded");
        }
        return answer;
    });

    @Test
    void aWarningIsSaidOnce() {
        answer = Optional.of("static, CPUs 0-3");
        assertThat(check.news(0)).hasValue("static, CPUs 0-3");
        assertThat(check.news(MINUTE)).isEmpty();
        answer = Optional.of("static, CPUs 0-1");
        assertThat(check.news(2 * MINUTE)).hasValue("static, CPUs 0-1");
    }

    @Test
    void aKubeletThatComesLaterIsWarnedOf() {
        assertThat(check.news(0)).isEmpty();
        failing = true;
        assertThat(check.news(MINUTE)).isEmpty();
        failing = false;
        answer = Optional.of("static");
        assertThat(check.news(2 * MINUTE)).hasValue("static");
    }

    @Test
    void aPolicyThatComesBackIsWarnedOfAgain() {
        answer = Optional.of("static");
        assertThat(check.news(0)).isPresent();
        answer = Optional.empty();
        assertThat(check.news(MINUTE)).isEmpty();
        answer = Optional.of("static");
        assertThat(check.news(2 * MINUTE)).isPresent();
    }

    @Test
    void itAsksOnceAMinute() {
        check.news(0);
        check.news(MINUTE - 1);
        assertThat(asked).isEqualTo(1);
        check.news(MINUTE);
        assertThat(asked).isEqualTo(2);
    }
}
