package io.podslice.integration.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.integration.fuzz.CallPlan.Kind;
import io.podslice.shim.tap.Tap;
import io.podslice.shim.tap.TapOptions;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random sessions through the tap, of peers that keep to the protocol and, on that tap at that time, of peers whose
 * bytes are damaged on their way. A failure names the session's seed: {@code -Dpodslice.fuzz.seed=N} runs that one
 * alone, over and over; a failure that depends on the order in which threads run may need a few tries.
 */
@Tag("fuzz")
class TapFuzzTest {

    private static final int WORKERS = 2;
    private static final int SHORT_RUN = 12_000;
    private static final int LONG_RUN = 1_000_000;

    /** The spare buffers that a tap keeps, and some for the sockets of this test; two taps are in use. */
    private static final long MOST_DIRECT_BYTES = 16 << 20;

    /** The kinds of calls of a session. */
    private static final List<List<Kind>> MIXES = List.of(
            List.of(Kind.PASSED),
            List.of(Kind.HELD),
            List.of(Kind.OBSERVED, Kind.PASSED),
            List.of(Kind.PASSED, Kind.HELD, Kind.HELD, Kind.OBSERVED));

    private final HuffmanCode huffman = new HuffmanCode();
    private final Ledger ledger = new Ledger();
    /** Of two connections at one time one has virtual threads. */
    private final Tap patient = new Tap(ledger.interceptions(), options(Duration.ofMinutes(2)), 1);

    private final Tap tight = new Tap(
            ledger.interceptions(), new TapOptions(Duration.ofMinutes(2), 16 << 20, 5_000, Duration.ofMinutes(2)));
    private final Tap hasty = new Tap(ledger.interceptions(), options(Duration.ofMillis(25)), 1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    private Thread.@Nullable UncaughtExceptionHandler before;

    private static TapOptions options(Duration budget) {
        return new TapOptions(budget, 16 << 20, 32 << 20, Duration.ofMinutes(2));
    }

    @Test
    void whateverTheProtocolAllowsComesThroughAndDamageHarmsNobodyElse() throws Exception {
        Long only = Long.getLong("podslice.fuzz.seed");
        long first = only != null ? only : System.nanoTime();
        int count =
                Integer.getInteger("podslice.fuzz.count", Boolean.getBoolean("podslice.long") ? LONG_RUN : SHORT_RUN);
        AtomicLong next = new AtomicLong();
        List<Future<?>> workers = new ArrayList<>();
        for (int worker = 0; worker < WORKERS; worker++) {
            workers.add(threads.submit(() -> {
                try (Wires wires = new Wires()) {
                    for (long i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                        session(only != null ? only : first + i, wires);
                    }
                }
                return null;
            }));
        }
        for (Future<?> worker : workers) {
            worker.get();
        }
        threads.shutdown();
        System.out.printf("%d sessions from seed %d%n", count, first);
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS))
                .as("no connection is left")
                .isTrue();
        assertThat(directBytes()).as("direct memory").isLessThanOrEqualTo(MOST_DIRECT_BYTES);
        assertThat(uncaught).as("what threads of the tap have ended with").isEmpty();
    }

    /** Returns direct memory in use after a collection. */
    private static long directBytes() throws InterruptedException {
        BufferPoolMXBean direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .orElseThrow();
        for (int i = 0; i < 10 && direct.getMemoryUsed() > MOST_DIRECT_BYTES; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return direct.getMemoryUsed();
    }

    @BeforeEach
    void watch() {
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
    }

    @AfterEach
    void unwatch() {
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    private void session(long seed, Wires wires) throws Exception {
        Random random = new Random(~seed);
        List<Kind> kinds = MIXES.get(random.nextInt(MIXES.size()));
        boolean isHasty = random.nextInt(50) == 0;
        boolean isDamaged = random.nextInt(3) > 0;
        boolean isTight = !isHasty && random.nextInt(4) == 0;
        Session session = new Session(
                seed,
                isHasty ? hasty : isTight ? tight : patient,
                ledger,
                wires,
                threads,
                huffman,
                kinds,
                isHasty,
                isTight,
                isDamaged);
        try {
            session.run();
        } catch (Violation e) {
            uncaught.forEach(e::addSuppressed);
            throw new AssertionError("podslice.fuzz.seed=" + seed + ": " + e.getMessage(), e);
        }
    }
}
