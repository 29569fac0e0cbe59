package io.podslice.integration.fuzz;

import io.podslice.integration.fuzz.CallPlan.Kind;
import io.podslice.shim.tap.Tap;
import io.podslice.shim.tap.TapOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random sessions through the tap. A failure names the session's seed: {@code -Dpodslice.fuzz.seed=N} runs that one
 * alone, over and over; what depends on the order in which threads run may need a few tries. {@code
 * -Dpodslice.fuzz.mix} chooses the kinds of calls (0, the default: none that is intercepted).
 */
@Tag("fuzz")
class TapFuzzTest {

    private static final int WORKERS = 2;
    private static final List<Kind> ALL = List.of(Kind.PASSED, Kind.HELD, Kind.HELD, Kind.OBSERVED);
    private static final List<List<Kind>> MIXES =
            List.of(List.of(Kind.PASSED), List.of(Kind.HELD), List.of(Kind.OBSERVED, Kind.PASSED), ALL, ALL);

    private final HuffmanCode huffman = new HuffmanCode();
    private final Ledger ledger = new Ledger();
    private final Tap patient = new Tap(ledger.interceptions(), options(Duration.ofMinutes(2)));
    private final Tap hasty = new Tap(ledger.interceptions(), options(Duration.ofMillis(25)));
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private static TapOptions options(Duration budget) {
        return new TapOptions(budget, 16 << 20, 32 << 20, Duration.ofMinutes(2));
    }

    @Test
    void whateverTheProtocolAllowsComesThrough() throws Exception {
        Long only = Long.getLong("podslice.fuzz.seed");
        long first = only != null ? only : System.nanoTime();
        int count = Integer.getInteger("podslice.fuzz.count", Boolean.getBoolean("podslice.long") ? 900_000 : 5_000);
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
        System.out.printf("%d sessions from seed %d%n", count, first);
    }

    private void session(long seed, Wires wires) throws Exception {
        Random random = new Random(~seed);
        List<Kind> kinds = MIXES.get(Integer.getInteger("podslice.fuzz.mix", 0));
        boolean isHasty = random.nextInt(50) == 0;
        Session session = new Session(seed, isHasty ? hasty : patient, ledger, wires, threads, huffman, kinds, isHasty);
        try {
            session.run();
        } catch (Violation e) {
            throw new AssertionError("podslice.fuzz.seed=" + seed + ": " + e.getMessage(), e);
        }
    }
}
