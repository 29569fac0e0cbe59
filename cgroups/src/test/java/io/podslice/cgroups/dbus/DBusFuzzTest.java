package io.podslice.cgroups.dbus;

import static org.assertj.core.api.Assertions.assertThat;

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
 * Damaged and random messages: each is read or refused with a {@link DBusException}, in time, and a connection to a peer
 * that sends them ends or goes on, but never leaves a caller waiting for more than its time-out.
 */
@Tag("fuzz")
class DBusFuzzTest {
    private static final int SHORT_RUN = 200_000;
    private static final int LONG_RUN = 20_000_000;
    private static final int MESSAGES_FOR_EACH_CONNECTION = 100;
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(30);

    @TempDir
    private Path folder;

    /** Values of signals and late answers, so that they are read. */
    private final AtomicInteger heard = new AtomicInteger();

    private static int runs() {
        return Integer.getInteger("podslice.fuzz.count", Boolean.getBoolean("podslice.long") ? LONG_RUN : SHORT_RUN);
    }

    private static long firstSeed() {
        Long only = Long.getLong("podslice.fuzz.seed");
        return only == null ? System.nanoTime() : only;
    }

    @Test
    void everyMessageIsReadOrRefused() {
        long first = firstSeed();
        int read = 0;
        int refused = 0;
        for (long seed = first; seed < first + runs(); seed++) {
            ByteBuffer bytes = damaged(new Random(seed), 7);
            long begun = System.nanoTime();
            try {
                int length = DBusMessage.length(bytes);
                assertThat(length).isLessThanOrEqualTo(DBusMessage.MOST_BYTES);
                if (length > 0 && length <= bytes.remaining()) {
                    DBusMessage.decoded(bytes.slice(0, length)).arguments();
                    read++;
                }
            } catch (DBusException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("podslice.fuzz.seed=" + seed, e);
            }
            assertThat(System.nanoTime() - begun)
                    .as("podslice.fuzz.seed=%d", seed)
                    .isLessThan(MOST_NANOS);
        }
        System.out.printf("%d messages from seed %d: %d read, %d refused%n", runs(), first, read, refused);
        assertThat(read).isPositive();
        assertThat(refused).isPositive();
    }

    @Test
    void everyCallEnds() throws Exception {
        long first = firstSeed();
        AtomicLong next = new AtomicLong(first);
        int connections = Math.max(1, runs() / 1000);
        int answered = 0;
        try (FakePeer peer = new FakePeer(folder.resolve("s"), client -> {
            Random random = new Random(next.getAndIncrement());
            while (true) {
                client.send(damaged(random, client.next().serial()));
            }
        })) {
            assertThat(peer).isNotNull();
            for (int i = 0; i < connections; i++) {
                answered += calls(first + i);
            }
        }
        System.out.printf(
                "%d connections from seed %d: %d calls answered, %d values heard%n",
                connections, first, answered, heard.get());
        assertThat(answered).isPositive();
    }

    /** Calls until the connection ends; returns the number of calls that were answered. */
    private int calls(long seed) throws DBusException {
        DBusEvents events = new DBusEvents() {
            @Override
            public void signal(DBusMessage signal) throws DBusException {
                heard.addAndGet(signal.arguments().size());
            }

            @Override
            public void lateReply() {
                heard.incrementAndGet();
            }
        };
        int answered = 0;
        try (DBusConnection connection = DBusConnection.open(folder.resolve("s"), Duration.ofSeconds(30), events)) {
            for (int i = 0; i < MESSAGES_FOR_EACH_CONNECTION; i++) {
                try {
                    connection.call(new MethodCall(null, "/o", "i.f", "M", List.of()), Duration.ofMillis(20));
                    answered++;
                } catch (DBusException e) {
                    if (e.name().equals(DBusException.DISCONNECTED) || e.name().equals(DBusException.LIMITS_EXCEEDED)) {
                        return answered;
                    }
                } catch (RuntimeException | Error e) {
                    throw new AssertionError("podslice.fuzz.seed=" + seed, e);
                }
            }
        }
        return answered;
    }

    /** Returns a message at random, most often with some bytes changed, cut off or added. */
    private static ByteBuffer damaged(Random random, int to) {
        List<DBusValue> values = RandomValues.some(random);
        ByteBuffer whole = switch (random.nextInt(4)) {
            case 0 -> PeerMessage.error(3, to, "x.y", "text");
            case 1 -> PeerMessage.signal(3, "", "/o", "i.f", "S", values);
            default -> PeerMessage.reply(3, to, values);
        };
        byte[] bytes = new byte[whole.remaining()];
        whole.get(bytes);
        for (int i = random.nextInt(4); i > 0; i--) {
            // Headers and lengths lie at the beginning.
            int at = random.nextInt(random.nextBoolean() ? bytes.length : Math.min(bytes.length, 40));
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (bytes[at] + random.nextInt(3) - 1);
        }
        int length = random.nextInt(8) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
        return ByteBuffer.wrap(bytes, 0, length).slice();
    }
}
