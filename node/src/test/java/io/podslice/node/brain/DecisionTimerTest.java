package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Ends of decisions come in their order and not before their time, also where they are set out of order or called off. */
class DecisionTimerTest {
    private static final Duration FAR = Duration.ofHours(1);

    private final DecisionTimer timer = new DecisionTimer();
    private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

    private DecisionTimer.End set(String name, Duration time) {
        return timer.after(time, () -> ended.add(name));
    }

    @Test
    void anEarlierEndDoesNotWaitForALaterOne() throws InterruptedException {
        set("far", FAR);
        set("near", Duration.ofMillis(5));

        assertThat(ended.poll(1, TimeUnit.MINUTES)).isEqualTo("near");
        assertThat(ended).isEmpty();
    }

    @Test
    void anEndSetWhileTheThreadSleepsToOneCalledOffComes() throws InterruptedException {
        set("called off", Duration.ofMillis(100)).callOff();
        set("later", Duration.ofMillis(200));

        assertThat(ended.poll(1, TimeUnit.MINUTES)).isEqualTo("later");
        set("after all was quiet", Duration.ofMillis(1));
        assertThat(ended.poll(1, TimeUnit.MINUTES)).isEqualTo("after all was quiet");
    }

    @Test
    void noEndComesBeforeItsTime() throws InterruptedException {
        long begun = System.nanoTime();
        set("in time", Duration.ofMillis(50));

        assertThat(ended.poll(1, TimeUnit.MINUTES)).isEqualTo("in time");
        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
    }

    @Test
    void timesThatAreOverEndAtOnce() throws InterruptedException {
        set("zero", Duration.ZERO);
        set("less", Duration.ofSeconds(-1));

        assertThat(List.of(
                        String.valueOf(ended.poll(1, TimeUnit.MINUTES)),
                        String.valueOf(ended.poll(1, TimeUnit.MINUTES))))
                .containsExactlyInAnyOrder("zero", "less");
    }

    @Test
    void ofManyEndsOfManyThreadsThoseComeThatAreNotCalledOff() throws InterruptedException {
        int threads = 8;
        int each = 2_000;
        List<Thread> setting = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            Random random = new Random(thread);
            setting.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    boolean kept = i % 100 == 0;
                    DecisionTimer.End end =
                            set(kept ? "kept" : "called off", kept ? Duration.ofMillis(random.nextInt(50)) : FAR);
                    if (!kept) {
                        end.callOff();
                    }
                }
            }));
        }
        for (Thread thread : setting) {
            thread.join();
        }

        for (int i = 0; i < threads * each / 100; i++) {
            assertThat(ended.poll(1, TimeUnit.MINUTES)).isEqualTo("kept");
        }
        assertThat(ended).isEmpty();
    }
}
