package io.podslice.grpc;

import static io.podslice.grpc.RawServer.end;
import static io.podslice.grpc.RawServer.frame;
import static io.podslice.grpc.RawServer.framed;
import static io.podslice.grpc.RawServer.headers;
import static io.podslice.grpc.RawServer.message;
import static io.podslice.grpc.RawServer.opening;
import static io.podslice.grpc.RawServer.readOn;
import static io.podslice.grpc.RawServer.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.grpc.http2.Frames;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams from servers that send what no server sends, or nothing. Each ends the stream with an error that says so. */
class LyingServerTest {
    private static final Keepalive PATIENT = new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(30));
    private static final Keepalive EAGER = new Keepalive(Duration.ofMillis(100), Duration.ofMillis(500));
    private static final int MOST = 1 << 20;

    @TempDir
    private Path folder;

    private final List<byte[]> received = new ArrayList<>();

    private GrpcStatus stream(Keepalive keepalive) throws IOException {
        UnixSocket socket = new UnixSocket("the kubelet", folder.resolve("s"), Duration.ofSeconds(5));
        return new GrpcCall(socket, MOST).stream("/s/W", List.of(), ByteBuffer.allocate(0), keepalive, message -> {
            byte[] bytes = new byte[message.remaining()];
            message.get(bytes);
            received.add(bytes);
        });
    }

    /** Streams from a server that sends these frames and then reads on. */
    private GrpcStatus streamOf(ByteBuffer... frames) throws Exception {
        try (RawServer server = new RawServer(folder.resolve("s"), client -> {
            send(client, frames);
            client.shutdownOutput();
            readOn(client);
        })) {
            assertThat(server).isNotNull();
            return stream(PATIENT);
        }
    }

    private void fails(String text, Keepalive keepalive, RawServer.Script script) throws Exception {
        try (RawServer server = new RawServer(folder.resolve("s"), script)) {
            assertThat(server).isNotNull();
            assertThatThrownBy(() -> stream(keepalive))
                    .isInstanceOf(IOException.class)
                    .hasMessage(text);
        }
    }

    // ---- True ones, by hand

    @Test
    void messagesLieAcrossFramesAndManyInOne() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(framed(1, 2, 3));
        bytes.writeBytes(framed());
        bytes.writeBytes(framed(4));
        bytes.writeBytes(framed(5, 6, 7, 8));
        byte[] all = bytes.toByteArray();
        for (int cut = 0; cut <= all.length; cut++) {
            received.clear();
            GrpcStatus status = streamOf(
                    Frames.settings(),
                    opening(),
                    Frames.data(1, all, 0, cut, false),
                    Frames.data(1, all, cut, all.length - cut, false),
                    end(0));
            assertThat(status.isOk()).isTrue();
            assertThat(received)
                    .as("cut at %d", cut)
                    .containsExactly(new byte[] {1, 2, 3}, new byte[0], new byte[] {4}, new byte[] {5, 6, 7, 8});
        }
    }

    @Test
    void oneByteAFrameIsEnough() throws Exception {
        byte[] all = framed(1, 2, 3);
        List<ByteBuffer> frames = new ArrayList<>(List.of(Frames.settings(), opening()));
        for (int i = 0; i < all.length; i++) {
            frames.add(Frames.data(1, all, i, 1, false));
        }
        frames.add(end(5));
        assertThat(streamOf(frames.toArray(ByteBuffer[]::new)).isNotFound()).isTrue();
        assertThat(received).containsExactly(new byte[] {1, 2, 3});
    }

    @Test
    void creditIsGivenAgainForHalfAWindow() throws Exception {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        try (RawServer server = new RawServer(folder.resolve("s"), client -> {
            send(client, Frames.settings(), opening());
            byte[] part = new byte[Frames.MAX_PAYLOAD];
            ByteBuffer.wrap(part).put((byte) 0).putInt(8 * Frames.MAX_PAYLOAD - 5);
            for (int i = 0; i < 8; i++) {
                send(client, Frames.data(1, part, 0, part.length, false));
                Arrays.fill(part, (byte) 0);
            }
            ByteBuffer in = ByteBuffer.allocate(4096);
            while (!sent.toString(StandardCharsets.ISO_8859_1)
                    .contains("\u0000\u0000\u0000\u0001\u0000\u0002\u0000\u0000")) {
                if (client.read(in) < 0) {
                    return;
                }
                sent.write(in.array(), 0, in.position());
                in.clear();
            }
            send(client, end(0));
            readOn(client);
        })) {
            assertThat(server).isNotNull();
            assertThat(stream(PATIENT).isOk()).isTrue();
        }
        assertThat(received).hasSize(1);
        assertThat(sent.toString(StandardCharsets.ISO_8859_1))
                .contains("\u0000\u0000\u0004\u0008\u0000\u0000\u0000\u0000\u0000\u0000\u0002\u0000\u0000")
                .contains("\u0000\u0000\u0004\u0008\u0000\u0000\u0000\u0000\u0001\u0000\u0002\u0000\u0000");
    }

    @Test
    void aServersPingsAreAnswered() throws Exception {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        try (RawServer server = new RawServer(folder.resolve("s"), client -> {
            send(client, Frames.settings(), opening(), Frames.ping(0x0102030405060708L));
            ByteBuffer in = ByteBuffer.allocate(4096);
            while (!sent.toString(StandardCharsets.ISO_8859_1)
                    .contains("\u0006\u0001\u0000\u0000\u0000\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008")) {
                if (client.read(in) < 0) {
                    return;
                }
                sent.write(in.array(), 0, in.position());
                in.clear();
            }
            send(client, end(0));
            readOn(client);
        })) {
            assertThat(server).isNotNull();
            assertThat(stream(PATIENT).isOk()).isTrue();
        }
    }

    @Test
    void aGoodbyeLetsTheStreamGoOn() throws Exception {
        GrpcStatus status = streamOf(opening(), frame(Frames.GOAWAY, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0), message(1), end(0));
        assertThat(status.isOk()).isTrue();
        assertThat(received).hasSize(1);
    }

    // ---- Untrue ones

    static Stream<Arguments> lies() {
        return Stream.of(
                lie(
                        "the kubelet sent a frame of 4740180 bytes, above 16384",
                        bytes("HTTP/1.1 400 Bad Request\r\n\r\n")),
                lie("the kubelet sent a message of 4294967295 bytes, above 1048576", data(0, 255, 255, 255, 255)),
                lie("the kubelet sent a message of 1048577 bytes, above 1048576", data(0, 0, 16, 0, 1)),
                lie("the kubelet compressed a message, which it was not told it may", data(1, 0, 0, 0, 1, 7)),
                lie(
                        "the kubelet ended the stream within a message, after 6 bytes of 8",
                        data(0, 0, 0, 0, 3, 7),
                        end(0)),
                lie("the kubelet ended the stream within a message, after 2 bytes of at least 5", data(0, 0), end(0)),
                lie("the kubelet closed the connection", message(1)),
                lie("the kubelet closed the connection", ByteBuffer.wrap(new byte[] {0, 0, 4, 0})),
                lie("the kubelet ended the stream without a header block", frame(Frames.DATA, Frames.END_STREAM, 1)),
                lie("the kubelet goes away, error 11", frame(Frames.GOAWAY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11)),
                lie("the kubelet sent a frame of type 7 with 3 bytes", frame(Frames.GOAWAY, 0, 0, 0, 0, 0)),
                lie("the kubelet sent a frame of type 8 with 0 bytes", frame(Frames.WINDOW_UPDATE, 0, 1)),
                lie(
                        "the kubelet sent a frame of type 0 on stream 3, which was never opened",
                        frame(Frames.DATA, 0, 3, 0)),
                lie("the kubelet sent a frame of type 3 on stream 0, which was never opened", Frames.rstStream(0, 0)),
                lie(
                        "the kubelet sent a frame of type 9, which belongs nowhere in a response",
                        frame(Frames.CONTINUATION, Frames.END_HEADERS, 1)),
                lie(
                        "the kubelet sent a frame of type 5, which belongs nowhere in a response",
                        frame(Frames.PUSH_PROMISE, Frames.END_HEADERS, 1, 0, 0, 0, 2)),
                lie(
                        "the kubelet broke a header block off, or sent one above 1048576 bytes",
                        frame(Frames.HEADERS, 0, 1),
                        frame(Frames.DATA, 0, 1, 1)),
                lie(
                        "the kubelet sent a header block that cannot be read: header table has no entry 127",
                        frame(Frames.HEADERS, Frames.END_HEADERS, 1, 0xff, 0)));
    }

    private static Arguments lie(String text, ByteBuffer... frames) {
        return Arguments.of(text, frames);
    }

    private static ByteBuffer data(int... payload) {
        return frame(Frames.DATA, 0, 1, payload);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void aLieEndsItWithAnErrorThatNamesTheServer(String text, ByteBuffer[] frames) {
        assertThatThrownBy(() -> streamOf(frames))
                .isInstanceOf(IOException.class)
                .hasMessage(text);
    }

    @Test
    void aResetIsUnavailable() throws Exception {
        assertThat(streamOf(opening(), Frames.rstStream(1, 8)))
                .isEqualTo(new GrpcStatus(GrpcStatus.UNAVAILABLE, "the kubelet reset the stream, error 8"));
    }

    @Test
    void anEndWithoutStatusIsUnavailable() throws Exception {
        assertThat(streamOf(opening(), message(1), frame(Frames.DATA, Frames.END_STREAM, 1)))
                .isEqualTo(new GrpcStatus(GrpcStatus.UNAVAILABLE, "the kubelet ended the stream without a status"));
    }

    // ---- Endless ones

    /** Sends something for as long as the client takes it, and reads beside that. */
    private static void pour(SocketChannel client, ByteBuffer... frames) throws IOException {
        Thread.ofVirtual().start(() -> {
            try {
                readOn(client);
            } catch (IOException e) {
                // The client has gone.
                return;
            }
        });
        while (client.isOpen()) {
            for (ByteBuffer frame : frames) {
                send(client, frame.duplicate());
            }
        }
    }

    @Test
    void anEndlessHeaderBlockIsGivenUp() throws Exception {
        fails("the kubelet broke a header block off, or sent one above 1048576 bytes", PATIENT, client -> {
            send(client, Frames.settings(), frame(Frames.HEADERS, 0, 1));
            pour(client, frame(Frames.CONTINUATION, 0, 1, new int[4096]));
        });
    }

    @Test
    void endlessHeaderBlocksAreGivenUp() throws Exception {
        fails(
                "the kubelet sent more than 16 header blocks",
                PATIENT,
                client -> pour(client, headers(false, ":status", "103")));
    }

    @Test
    void aFloodIsGivenUp() throws Exception {
        String text = "the kubelet sent more than 10000 frames without content within 10 s";
        fails(text, PATIENT, client -> pour(client, Frames.ping(1)));
        fails(text, PATIENT, client -> pour(client, Frames.settings(), frame(0xfa, 0, 7)));
        fails(text, PATIENT, client -> pour(client, frame(Frames.DATA, 0, 1)));
    }

    // ---- Silent ones

    @Test
    void aServerThatNeverBeginsToSpeakIsGivenUp() throws Exception {
        fails("the kubelet has not begun to speak within 500 ms", EAGER, RawServer::readOn);
    }

    @Test
    void aServerThatAnswersNoPingIsGivenUp() throws Exception {
        fails("the kubelet does not answer a PING within 500 ms", EAGER, client -> {
            send(client, Frames.settings(), opening(), message(1));
            readOn(client);
        });
        assertThat(received).hasSize(1);
    }

    @Test
    void aServerThatStopsWithinAFrameIsGivenUp() throws Exception {
        fails("the kubelet does not answer a PING within 500 ms", EAGER, client -> {
            send(client, Frames.settings(), opening(), message(1).limit(11));
            readOn(client);
        });
    }

    /** Its PINGs fill the client's way back, which then cannot send, either. */
    @Test
    void aServerThatTakesNothingIsGivenUp() throws Exception {
        fails("the kubelet does not answer a PING within 500 ms", EAGER, client -> {
            send(client, Frames.settings());
            for (int i = 0; i < 5000; i++) {
                send(client, Frames.ping(i));
            }
            Thread.sleep(Duration.ofMinutes(10));
        });
    }

    @Test
    void aConsumerThatTakesLongIsNoSilence() throws Exception {
        try (RawServer server = new RawServer(folder.resolve("s"), client -> {
            send(client, Frames.settings(), opening(), message(1), message(2), end(0));
            readOn(client);
        })) {
            assertThat(server).isNotNull();
            UnixSocket socket = new UnixSocket("the kubelet", folder.resolve("s"), Duration.ofSeconds(5));
            List<Integer> taken = new ArrayList<>();
            GrpcStatus status = new GrpcCall(socket)
                    .stream("/s/W", List.of(), ByteBuffer.allocate(0), EAGER, message -> {
                        pause(Duration.ofSeconds(2));
                        taken.add((int) message.get(0));
                    });
            assertThat(status.isOk()).isTrue();
            assertThat(taken).containsExactly(1, 2);
        }
    }

    private static void pause(Duration time) throws IOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    // ---- Damaged ones

    /** A response with some bytes changed, lost or doubled ends with a status or an error, in time. */
    @Test
    void damagedResponsesEnd() throws Exception {
        byte[] whole = DamagedResponse.whole();
        AtomicInteger next = new AtomicInteger();
        try (RawServer server = new RawServer(folder.resolve("s"), client -> {
            send(client, ByteBuffer.wrap(DamagedResponse.of(whole, new Random(next.get()))));
            client.shutdownOutput();
            readOn(client);
        })) {
            assertThat(server).isNotNull();
            int errors = 0;
            for (int seed = 0; seed < 2000; seed++) {
                next.set(seed);
                received.clear();
                try {
                    stream(PATIENT);
                } catch (EOFException e) {
                    assertThat(e).hasMessageStartingWith("the kubelet ");
                    errors++;
                } catch (IOException e) {
                    errors++;
                } catch (RuntimeException e) {
                    throw new AssertionError("seed " + seed, e);
                }
                assertThat(received).as("seed %d", seed).allMatch(message -> message.length <= MOST);
            }
            assertThat(errors).isBetween(500, 1999);
        }
    }
}
