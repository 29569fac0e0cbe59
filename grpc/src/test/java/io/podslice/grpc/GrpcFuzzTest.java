package io.podslice.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls of a server that sends damaged responses, and frames at random: each call ends with a status or an IOException, in
 * time, and no message is above the bound.
 */
@Tag("fuzz")
class GrpcFuzzTest {
    private static final int SHORT_RUN = 20_000;
    private static final int LONG_RUN = 1_000_000;
    private static final int MOST = 100_000;
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final Keepalive PATIENT = new Keepalive(Duration.ofSeconds(60), Duration.ofSeconds(60));

    @TempDir
    private Path folder;

    @Test
    void everyCallEndsAndNoneHarms() throws Exception {
        Long only = Long.getLong("podslice.fuzz.seed");
        int count =
                Integer.getInteger("podslice.fuzz.count", Boolean.getBoolean("podslice.long") ? LONG_RUN : SHORT_RUN);
        int runs = only == null ? count : 1;
        long first = only == null ? System.nanoTime() : only;
        byte[] whole = DamagedResponse.whole();
        AtomicLong next = new AtomicLong(first);
        int statuses = 0;
        int messages = 0;
        try (RawServer server = new RawServer(folder.resolve("s"), client -> {
            long seed = next.get();
            Random random = new Random(seed);
            RawServer.send(
                    client,
                    ByteBuffer.wrap(
                            seed % 2 == 0 ? DamagedResponse.of(whole, random) : DamagedResponse.random(random)));
            client.shutdownOutput();
            RawServer.readOn(client);
        })) {
            assertThat(server).isNotNull();
            AtomicInteger taken = new AtomicInteger();
            for (long seed = first; seed < first + runs; seed++) {
                next.set(seed);
                long begun = System.nanoTime();
                try {
                    call(seed, taken);
                    statuses++;
                } catch (IOException e) {
                    assertThat(e.getMessage()).as("podslice.fuzz.seed=%d", seed).isNotNull();
                } catch (RuntimeException | AssertionError e) {
                    throw new AssertionError("podslice.fuzz.seed=" + seed, e);
                }
                assertThat(System.nanoTime() - begun)
                        .as("podslice.fuzz.seed=%d", seed)
                        .isLessThan(MOST_NANOS);
            }
            messages = taken.get();
        }
        System.out.printf(
                "%d calls from seed %d: %d ended with a status, %d messages%n", runs, first, statuses, messages);
        if (only == null) {
            assertThat(statuses)
                    .as("some responses are whole")
                    .isGreaterThan(runs / 100)
                    .isLessThan(runs);
            assertThat(messages).isGreaterThan(runs / 100);
        }
    }

    /** Every fifth call is unary. */
    private void call(long seed, AtomicInteger taken) throws IOException {
        GrpcCall call = new GrpcCall(new UnixSocket("the kubelet", folder.resolve("s"), Duration.ofSeconds(30)), MOST);
        if (seed % 5 != 0) {
            call.stream("/s/W", List.of(), ByteBuffer.allocate(20), PATIENT, message -> take(message, taken));
        } else {
            take(call.unary("/s/M", List.of(), ByteBuffer.allocate(20), 60_000).reply(), taken);
        }
    }

    private static void take(ByteBuffer message, AtomicInteger taken) {
        taken.incrementAndGet();
        assertThat(message.remaining()).isLessThanOrEqualTo(MOST);
    }
}
