package io.podslice.integration.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.grpc.GrpcStatus;
import io.podslice.shim.tap.Decision;
import io.podslice.shim.tap.Decision.Answer;
import io.podslice.shim.tap.Decision.AnswerLater;
import io.podslice.shim.tap.Decision.Fail;
import io.podslice.shim.tap.Decision.Forward;
import io.podslice.shim.tap.Decision.LateReply;
import io.podslice.shim.tap.Decision.Replace;
import io.podslice.shim.tap.Decision.Reply;
import io.podslice.shim.tap.Held;
import io.podslice.shim.tap.Interception;
import io.podslice.shim.tap.Observed;
import io.podslice.shim.tap.Outcome;
import io.podslice.shim.tap.Tap;
import io.podslice.shim.tap.TapOptions;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A client and a runtime with grpc-go's habits, the runtime with its PING policy, and between them a tap that answers
 * calls of its own: no strike, no GOAWAY, no hang. {@code -Dpodslice.fuzz.seed=N} runs one connection alone.
 */
@Tag("fuzz")
class PingPolicyFuzzTest {

    private static final int SHORT_RUN = 12_000;
    private static final int LONG_RUN = 1_000_000;
    private static final int MOST_CALLS = 120;
    private static final String PASSED = "/go.Passed/Call";

    private static final Outcome QUIET = new Outcome() {
        @Override
        public void succeeded(ByteBuffer reply) {}

        @Override
        public void failed() {}
    };

    private static final Map<String, Interception> INTERCEPTIONS = Map.of(
            "/go.Held/Forward",
            decides(new Forward(QUIET)),
            "/go.Held/Replace",
            (Held) (call, answer) -> answer.accept(new Replace(ByteBuffer.allocate(500), QUIET)),
            "/go.Held/Answer",
            (Held) (call, answer) -> answer.accept(new Answer(ByteBuffer.allocate(70))),
            "/go.Held/Fail",
            decides(new Fail(new GrpcStatus(GrpcStatus.INVALID_ARGUMENT, "no"))),
            "/go.Held/Later",
            decides(new AnswerLater(new LateReply() {
                @Override
                public Reply get() throws InterruptedException {
                    Thread.sleep(1);
                    return new Answer(ByteBuffer.allocate(10));
                }

                @Override
                public void dropped() {}
            })),
            "/go.Observed/Call",
            (Observed) (request, reply) -> {});

    private static final List<String> ALL = List.of(
            PASSED,
            "/go.Held/Forward",
            "/go.Held/Replace",
            "/go.Held/Answer",
            "/go.Held/Answer",
            "/go.Held/Fail",
            "/go.Held/Later",
            "/go.Observed/Call");

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    private Thread.@Nullable UncaughtExceptionHandler before;

    private static Held decides(Decision decision) {
        return (call, answer) -> answer.accept(decision);
    }

    @BeforeEach
    void watch() {
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
    }

    @AfterEach
    void unwatch() {
        Thread.setDefaultUncaughtExceptionHandler(before);
        threads.shutdownNow();
    }

    @Test
    void aRuntimeCountsNoStrikesForFramesOfTheTaps() throws Exception {
        Tap tap = new Tap(INTERCEPTIONS, TapOptions.defaults());
        run(Boolean.getBoolean("podslice.long") ? LONG_RUN : SHORT_RUN, ALL, tap);
    }

    /** Shows that the two ends by themselves keep to the policy: what the other test finds is the tap's. */
    @Test
    void aRuntimeCountsNoStrikesWithoutATap() throws Exception {
        run(1_000, List.of(PASSED), null);
    }

    private void run(int calls, List<String> paths, @Nullable Tap tap) throws Exception {
        Long only = Long.getLong("podslice.fuzz.seed");
        long seed = only != null ? only : System.nanoTime();
        int made = 0;
        try (Wires wires = new Wires()) {
            while (made < calls) {
                Random random = new Random(seed);
                int count = 1 + random.nextInt(MOST_CALLS);
                String name = "podslice.fuzz.seed=" + seed;
                assertThat(strikes(wires, random, paths, tap, count, name))
                        .as(name)
                        .isZero();
                assertThat(uncaught).as(name).isEmpty();
                made += count;
                seed = only != null ? only : seed + 1;
            }
        }
        System.out.printf("%d calls, the last connection of seed %d%n", made, seed - 1);
    }

    private int strikes(Wires wires, Random random, List<String> paths, @Nullable Tap tap, int calls, String name)
            throws Exception {
        Wires.Wire clients = wires.pair();
        if (tap == null) {
            clients.tap().configureBlocking(false);
            return new GoSession(
                            clients,
                            new Wires.Wire(/* peer= */ clients.tap(), /* tap= */ clients.peer()),
                            random,
                            paths)
                    .run(calls);
        }
        Wires.Wire servers = wires.pair();
        Future<?> joined = threads.submit(() -> tap.join(clients.tap(), servers.tap()));
        int strikes;
        try {
            strikes = new GoSession(clients, servers, random, paths).run(calls);
        } catch (Violation e) {
            throw new AssertionError(name + ": " + e.getMessage(), e);
        }
        joined.get(20, TimeUnit.SECONDS);
        return strikes;
    }
}
