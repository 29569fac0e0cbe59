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
                () -> {},
                Duration.ofMillis(1))) {
            assertThat(sweep).isNotNull();
            assertThat(begun.tryAcquire(3, 20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aSweepThatHangsGivesNoSignOfLife() throws InterruptedException {
        Semaphore begun = new Semaphore(0);
        Semaphore goOn = new Semaphore(0);
        try (Sweep sweep = Sweep.start(
                () -> {
                    begun.release();
                    goOn.acquireUninterruptibly();
                },
                () -> {},
                Duration.ofMillis(1))) {
            assertThat(begun.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            assertThat(sweep.lives(Duration.ofMinutes(10))).isTrue();
            Thread.sleep(300);
            assertThat(sweep.lives(Duration.ofMillis(200))).isFalse();
            goOn.release(1_000_000);
            assertThat(begun.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
            assertThat(sweep.lives(Duration.ofMinutes(10))).isTrue();
        }
    }

    @Test
    void requestsForARecheckAreOneAndNeedNotWait() throws InterruptedException {
        Semaphore rechecks = new Semaphore(0);
        Semaphore goOn = new Semaphore(0);
        try (Sweep sweep = Sweep.start(
                () -> {},
                () -> {
                    rechecks.release();
                    goOn.acquireUninterruptibly();
                },
                Duration.ofHours(1))) {
            sweep.recheckSoon();
            assertThat(rechecks.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 100; i++) {
                sweep.recheckSoon();
            }
            goOn.release(2);
            assertThat(rechecks.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            assertThat(rechecks.tryAcquire(300, TimeUnit.MILLISECONDS)).isFalse();
            goOn.release();
        }
    }
}
