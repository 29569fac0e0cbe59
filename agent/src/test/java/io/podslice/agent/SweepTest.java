package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SweepTest {
    @Test
    void aSweepThatFailsIsNotTheLast() throws InterruptedException {
        Semaphore begun = new Semaphore(0);
        try (Sweep sweep = Sweep.start(
                () -> {
                    begun.release();
                    throw new IllegalStateException("a fault");
                },
                Duration.ofMillis(1))) {
            assertThat(sweep).isNotNull();
            assertThat(begun.tryAcquire(3, 20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
