package io.podslice.nri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.Refusal;
import io.podslice.node.Verdict;
import io.podslice.node.brain.Promise;
import io.podslice.nri.mux.Channels;
import io.podslice.nri.mux.SocketTrunk;
import io.podslice.proto.nri.v1alpha1.ConfigureRequest;
import io.podslice.proto.nri.v1alpha1.ConfigureResponse;
import io.podslice.proto.nri.v1alpha1.CreateContainerRequest;
import io.podslice.proto.nri.v1alpha1.Event;
import io.podslice.proto.nri.v1alpha1.StateChangeEvent;
import io.podslice.proto.nri.v1alpha1.SynchronizeRequest;
import io.podslice.proto.ttrpc.Request;
import io.podslice.proto.ttrpc.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Sends a plugin random calls, garbage, cut and oversized messages, with frames of other connections between. After
 * each session it either still answers, or has hung up because messages could no longer be told apart; and all that it
 * sends can be read by Go's end.
 */
@Tag("fuzz")
@Timeout(value = 12, unit = TimeUnit.HOURS)
class PluginFuzzTest {
    private static final boolean LONG = Boolean.getBoolean("podslice.long");
    private static final int FRAMES = LONG ? 1_000_000 : 20_000;
    private static final List<String> METHODS = List.of(
            "Configure",
            "Synchronize",
            "Shutdown",
            "RunPodSandbox",
            "UpdatePodSandbox",
            "PostUpdatePodSandbox",
            "StopPodSandbox",
            "RemovePodSandbox",
            "CreateContainer",
            "UpdateContainer",
            "StopContainer",
            "RemoveContainer",
            "StateChange",
            "ValidateContainerAdjustment",
            "Nonsense");

    static {
        // Other tests check what it logs about a broken runtime; here logging would be most of the work.
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
    }

    private static final NriOptions OPTIONS = new NriOptions(Path.of("/unused"), "podslice", "10");

    @Test
    void frames_of_a_mad_runtime() throws Exception {
        int frames = 0;
        for (long seed = 1; frames < FRAMES; seed++) {
            try {
                frames += session(new Random(seed));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + ", after " + frames + " frames", e);
            }
        }
        System.gc();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .as("threads of sessions that have ended")
                .doesNotContain("nri-trunk");
    }

    private static int session(Random random) throws Exception {
        try (Channels channels = Channels.connected()) {
            PluginSession plugin = new PluginSession(
                    SocketTrunk.of(channels.ours()),
                    OPTIONS,
                    Promise.about(madNode(random.nextLong())).door(Door.NRI));
            Thread running = Thread.ofVirtual().start(() -> {
                try {
                    plugin.run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            Reader reader = new Reader(channels.theirs());
            Thread reading = Thread.ofVirtual().start(reader);
            Writer writer = new Writer(channels.theirs(), random);
            boolean intact = true;
            try {
                int count = random.nextInt(1, 200);
                for (int i = 0; i < count && intact; i++) {
                    intact = writer.something();
                }
                if (intact) {
                    expectAnswer(writer, reader);
                }
            } catch (IOException e) {
                // It may hang up only when messages can no longer be told apart, which the writer tells by intact.
                if (intact && reader.problem == null) {
                    throw e;
                }
            }
            channels.theirs().shutdownOutput();
            if (!running.join(Duration.ofSeconds(60)) || !reading.join(Duration.ofSeconds(60))) {
                fail("hangs after the runtime has gone");
            }
            if (reader.problem != null) {
                throw new AssertionError(reader.problem);
            }
            return writer.frames;
        }
    }

    private static void expectAnswer(Writer writer, Reader reader) throws Exception {
        int stream = writer.call(
                "Configure",
                ConfigureRequest.newBuilder().setRuntimeName("probe").build());
        while (true) {
            Reader.Answer answer = reader.answers.poll(60, TimeUnit.SECONDS);
            if (answer == null) {
                fail("no answer to stream " + stream);
            } else if (answer.stream() == stream) {
                Response response = Response.parseFrom(answer.data());
                // The server may refuse so many calls at once.
                if (response.getStatus().getCode() == 0) {
                    assertThat(ConfigureResponse.parseFrom(response.getPayload())
                                    .getEvents())
                            .isEqualTo(0x6af);
                } else {
                    assertThat(response.getStatus().getCode())
                            .as(response.getStatus().getMessage())
                            .isEqualTo(8);
                }
                return;
            }
        }
    }

    private static ScriptedNode madNode(long seed) {
        ScriptedNode node = new ScriptedNode();
        Random random = new Random(seed);
        node.verdict = () -> switch (random.nextInt(4)) {
            case 0 -> new Verdict.Refuse(new Refusal("No", Refusal.Kind.EXHAUSTED, "x".repeat(random.nextInt(20_000))));
            case 1 -> node.proceed(LinuxResources.NONE.withCpuset("1", ""));
            case 2 -> throw new IllegalStateException("mad");
            default -> node.proceed(null);
        };
        return node;
    }

    /** Reads all that the plugin sends, and checks that Go's end could read it. */
    private static final class Reader implements Runnable {
        record Answer(int stream, ByteString data) {}

        final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
        volatile @Nullable Throwable problem;
        private final SocketChannel channel;

        Reader(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void run() {
            try {
                while (true) {
                    ByteBuffer header = read(8);
                    if (header == null) {
                        return;
                    }
                    message(header);
                }
            } catch (IOException e) {
                // The end of the stream, when the plugin hangs up and has not read all that was sent.
            } catch (AssertionError e) {
                problem = e;
            }
        }

        private void message(ByteBuffer header) throws IOException {
            int connection = header.getInt();
            int length = header.getInt();
            assertThat(connection).isBetween(1, 2);
            assertThat(length).as("first frame").isBetween(10, 4096);
            ByteBuffer first = readAll(length);
            ByteBuffer data = ByteBuffer.allocate(first.getInt());
            int stream = first.getInt();
            int type = first.get();
            first.get();
            data.put(first);
            while (data.hasRemaining()) {
                ByteBuffer next = readAll(8);
                assertThat(next.getInt()).isEqualTo(connection);
                data.put(readAll(next.getInt()));
            }
            if (connection == 1) {
                assertThat(type).isEqualTo(2);
                answers.add(new Answer(stream, ByteString.copyFrom(data.array())));
            }
        }

        private ByteBuffer readAll(int count) throws IOException {
            ByteBuffer buffer = read(count);
            if (buffer == null) {
                throw new IOException("end");
            }
            return buffer;
        }

        private @Nullable ByteBuffer read(int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(count);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    return null;
                }
            }
            return buffer.flip();
        }
    }

    private static final class Writer {
        private final SocketChannel channel;
        private final Random random;
        private int stream = -1;
        int frames;

        Writer(SocketChannel channel, Random random) {
            this.channel = channel;
            this.random = random;
        }

        /** Sends something random; returns true if messages can still be told apart afterwards. */
        boolean something() throws IOException {
            switch (random.nextInt(20)) {
                case 0 -> frame(random.nextInt(3, Integer.MAX_VALUE), garbage(5000));
                case 1 -> frame(0, garbage(100));
                case 2 -> {
                    int type = random.nextInt(256);
                    // Responses to no request must not be taken for the response to a later one.
                    int used = random.nextInt(type == 1 ? stream + 1000 : Math.max(1, stream + 1));
                    message(1, used, type, random.nextInt(256), garbage(200));
                }
                case 3 -> message(2, random.nextInt(), random.nextInt(256), random.nextInt(256), garbage(200));
                case 4 -> message(1, Math.max(0, stream), 1, 0, garbage(100));
                case 5 -> message(1, next(), 1, 0, garbage(6000));
                case 6 -> message(1, next(), 1, 0, call(method(), ByteString.copyFrom(garbage(300))));
                case 7 ->
                    message(
                            1,
                            next(),
                            1,
                            random.nextInt(8),
                            call(method(), payload().toByteString()));
                case 8 -> {
                    if (random.nextInt(40) == 0) {
                        message(1, next(), 1, 0, new byte[(4 << 20) + 1 + random.nextInt(1000)]);
                    }
                }
                case 9 -> {
                    if (random.nextInt(20) == 0) {
                        return cut();
                    }
                }
                default -> message(1, next(), 1, 0, call(method(), payload().toByteString()));
            }
            return true;
        }

        /** Sends the beginning of a message without its rest, or something else. */
        private boolean cut() throws IOException {
            switch (random.nextInt(4)) {
                case 0 -> write(ByteBuffer.wrap(garbage(7)));
                case 1 ->
                    write(ByteBuffer.allocate(8)
                            .putInt(1)
                            .putInt(random.nextInt())
                            .flip());
                case 2 ->
                    frame(1, ByteBuffer.allocate(10).putInt(random.nextInt()).array());
                default -> frame(random.nextInt(1, 3), garbage(100));
            }
            return false;
        }

        private String method() {
            return METHODS.get(random.nextInt(METHODS.size()));
        }

        private MessageLite payload() {
            return switch (random.nextInt(4)) {
                case 0 ->
                    CreateContainerRequest.newBuilder()
                            .setPod(DoorFixture.ASKING)
                            .setContainer(DoorFixture.CONTAINER)
                            .build();
                case 1 ->
                    SynchronizeRequest.newBuilder()
                            .addPods(DoorFixture.POD)
                            .addContainers(DoorFixture.CONTAINER)
                            .setMore(random.nextBoolean())
                            .build();
                case 2 ->
                    StateChangeEvent.newBuilder()
                            .setEvent(Event.forNumber(random.nextInt(15)))
                            .setPod(DoorFixture.POD)
                            .setContainer(DoorFixture.CONTAINER)
                            .build();
                default ->
                    ConfigureRequest.newBuilder()
                            .setRequestTimeout(random.nextInt(-1, 5000))
                            .build();
            };
        }

        private static byte[] call(String method, ByteString payload) {
            return Request.newBuilder()
                    .setService(PluginService.NAME)
                    .setMethod(method)
                    .setPayload(payload)
                    .build()
                    .toByteArray();
        }

        int call(String method, MessageLite payload) throws IOException {
            int used = next();
            message(1, used, 1, 0, call(method, payload.toByteString()));
            return used;
        }

        private int next() {
            stream += 2;
            return stream;
        }

        private byte[] garbage(int most) {
            byte[] bytes = new byte[random.nextInt(most)];
            random.nextBytes(bytes);
            return bytes;
        }

        /** Sends a message in frames of random sizes. */
        private void message(int connection, int stream, int type, int flags, byte[] data) throws IOException {
            byte[] whole = ByteBuffer.allocate(10 + data.length)
                    .putInt(data.length)
                    .putInt(stream)
                    .put((byte) type)
                    .put((byte) flags)
                    .put(data)
                    .array();
            if (type == 1 && stream > this.stream && stream % 2 != 0 && connection == 1) {
                this.stream = stream;
            }
            int sent = 0;
            while (sent < whole.length) {
                int count = random.nextBoolean() ? whole.length - sent : random.nextInt(1, whole.length - sent + 1);
                frame(connection, Arrays.copyOfRange(whole, sent, sent + count));
                sent += count;
                if (random.nextInt(10) == 0) {
                    frame(random.nextInt(3, 1000), garbage(50));
                }
            }
        }

        private void frame(int connection, byte[] payload) throws IOException {
            frames++;
            write(ByteBuffer.allocate(8 + payload.length)
                    .putInt(connection)
                    .putInt(payload.length)
                    .put(payload)
                    .flip());
        }

        private void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
