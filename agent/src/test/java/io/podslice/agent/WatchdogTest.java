package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class WatchdogTest {
    private static final Duration PERIOD = Duration.ofMillis(80);

    private final Semaphore signs = new Semaphore(0);
    private final Semaphore looks = new Semaphore(0);
    private final AtomicBoolean lives = new AtomicBoolean(true);

    private static void take(Semaphore from, int count) throws InterruptedException {
        from.drainPermits();
        assertThat(from.tryAcquire(count, 20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void signsAreGivenWhileEachPartLivesAndNoLonger() throws InterruptedException {
        List<Watchdog.Part> parts = List.of(new Watchdog.Part("one", _ -> true), new Watchdog.Part("two", period -> {
            assertThat(period).isEqualTo(PERIOD);
            looks.release();
            return lives.get();
        }));
        try (Watchdog watchdog = Watchdog.start(parts, PERIOD, signs::release)) {
            assertThat(watchdog).isNotNull();
            take(signs, 3);
            lives.set(false);
            take(looks, 2);
            signs.drainPermits();
            take(looks, 3);
            assertThat(signs.availablePermits()).isZero();
            lives.set(true);
            take(signs, 2);
        }
    }

    @Test
    void aPartThatHangsGivesNoSignAndOneThatFailsNeither() throws InterruptedException {
        CountDownLatch hangs = new CountDownLatch(1);
        List<Watchdog.Part> parts = List.of(new Watchdog.Part("the brain", _ -> {
            looks.release();
            if (!lives.get()) {
                throw new IllegalStateException("a fault");
            }
            try {
                return hangs.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }));
        try (Watchdog watchdog = Watchdog.start(parts, PERIOD, signs::release)) {
            assertThat(watchdog).isNotNull();
            assertThat(signs.tryAcquire(500, TimeUnit.MILLISECONDS)).isFalse();
            lives.set(false);
            hangs.countDown();
            take(looks, 2);
            signs.drainPermits();
            take(looks, 3);
            assertThat(signs.availablePermits()).isZero();
        }
    }
}
