package io.podslice.grpc;

import static io.podslice.grpc.RawServer.frame;
import static io.podslice.grpc.RawServer.headers;
import static io.podslice.grpc.RawServer.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.podslice.grpc.http2.Frames;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Unary calls: with grpc-java's server, and with frames that it never sends. */
class GrpcCallTest {
    private static final String METHOD = "s/M";
    private static final ByteBuffer[] NOTHING = {};

    @TempDir
    private Path folder;

    private Path socket() {
        return folder.resolve("s");
    }

    private GrpcCall newCall() {
        return new GrpcCall(new UnixSocket("the server", socket(), Duration.ofSeconds(5)));
    }

    private GrpcResponse call(byte[] message, Header... metadata) throws IOException {
        return newCall().unary("/" + METHOD, List.of(metadata), ByteBuffer.wrap(message), 0);
    }

    private static byte[] bytes(ByteBuffer from) {
        byte[] bytes = new byte[from.remaining()];
        from.duplicate().get(bytes);
        return bytes;
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ((i * 31) >> 3);
        }
        return bytes;
    }

    // ---- grpc-java

    @Test
    void largeMessagesComeWholeThroughSmallWindows() throws Exception {
        // No smaller: Netty's server sometimes never opens a window again that its SETTINGS shrink once DATA has filled
        // it.
        try (GrpcServer server = new GrpcServer(socket(), Frames.DEFAULT_WINDOW)) {
            server.answer(METHOD, pattern(3 << 20));
            assertThat(bytes(call(pattern(300_000)).reply())).isEqualTo(pattern(3 << 20));
            assertThat(server.nextRequest()).isEqualTo(pattern(300_000));
        }
    }

    @Test
    void aReplyAboveTheLimitIsAnError() throws Exception {
        try (GrpcServer server = new GrpcServer(socket())) {
            server.answer(METHOD, new byte[(16 << 20) + 1]);
            assertThatThrownBy(() -> call(new byte[0]))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the server sent a message of 16777217 bytes, above 16777216");
        }
    }

    @Test
    void aMethodThatTheServerLacksIsUnimplemented() throws Exception {
        try (GrpcServer server = new GrpcServer(socket())) {
            assertThat(call(new byte[0]).status().code()).isEqualTo(GrpcStatus.UNIMPLEMENTED);
            assertThat(server.requests).isEmpty();
        }
    }

    @Test
    void aDeadlineEndsIt() throws Exception {
        try (GrpcServer server = new GrpcServer(socket())) {
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch cancelled = new CountDownLatch(1);
            server.unary(METHOD, (request, observer) -> {
                Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
                asked.countDown();
            });
            // On a busy machine the first deadlines may pass before the server has been asked.
            GrpcStatus status = new GrpcStatus(GrpcStatus.OK, "not called");
            for (long millis = 200; asked.getCount() > 0 && millis < 20_000; millis *= 2) {
                status = newCall()
                        .unary("/" + METHOD, List.of(), ByteBuffer.allocate(0), millis)
                        .status();
            }
            // Either end may notice first: this one, or the server, which calls it a cancellation.
            assertThat(status.code()).isIn(GrpcStatus.DEADLINE_EXCEEDED, GrpcStatus.CANCELLED);
            assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void cancelledBeforeItBeginsItDoesNotBegin() throws Exception {
        try (GrpcServer server = new GrpcServer(socket())) {
            server.answer(METHOD, new byte[0]);
            GrpcCall call = newCall();
            call.cancel();
            assertThatThrownBy(() -> call.unary("/" + METHOD, List.of(), ByteBuffer.allocate(0), 0))
                    .isInstanceOf(IOException.class)
                    .hasMessage("cancelled");
            assertThat(server.requests).isEmpty();
        }
    }

    /** A server whose backlog is full takes the call after two thirds of its time, and does not answer. */
    @Test
    void connectingIsPartOfACallsTime() throws Exception {
        UnixSocket waits = new UnixSocket("the server", socket(), Duration.ofSeconds(30));
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(socket()), 1);
                SocketChannel first = waits.connect();
                SocketChannel second = waits.connect()) { // a backlog of 1 takes 2
            assertThat(List.of(first, second)).allMatch(SocketChannel::isConnected);
            Thread server = Thread.ofVirtual().start(() -> acceptAfter(listening, Duration.ofSeconds(4)));
            long begun = System.nanoTime();
            GrpcStatus status = new GrpcCall(waits)
                    .unary("/" + METHOD, List.of(), ByteBuffer.allocate(0), 6000)
                    .status();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(9));
            assertThat(status.code()).isEqualTo(GrpcStatus.DEADLINE_EXCEEDED);
            server.join();
        }
    }

    private static void acceptAfter(ServerSocketChannel listening, Duration pause) {
        try {
            Thread.sleep(pause);
            listening.accept().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void withoutAServerItSaysSo() {
        assertThatThrownBy(() -> call(new byte[0])).isInstanceOf(IOException.class);
    }

    // ---- Frames by hand

    /** Sends these bytes as a server, come what may, then reads until the client has gone; returns the bytes read. */
    private byte[] callSendingBack(List<ByteBuffer> frames, ThrowingConsumer call) throws Exception {
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket()));
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            Thread server = Thread.ofVirtual().start(() -> {
                try (SocketChannel client = listening.accept()) {
                    for (ByteBuffer frame : frames) {
                        client.write(frame);
                    }
                    client.shutdownOutput();
                    Channels.newInputStream(client).transferTo(read);
                } catch (IOException e) {
                    // The client has closed with something unread: that is its end too.
                    return;
                }
            });
            call.run();
            server.join();
            Files.delete(socket());
            return read.toByteArray();
        }
    }

    private interface ThrowingConsumer {
        void run() throws IOException;
    }

    private void expect(int code, String message, ByteBuffer... frames) throws Exception {
        callSendingBack(
                List.of(frames), () -> assertThat(call(new byte[0]).status()).isEqualTo(new GrpcStatus(code, message)));
    }

    private void expectFailure(Class<? extends IOException> type, String message, ByteBuffer... frames)
            throws Exception {
        callSendingBack(
                List.of(frames),
                () -> assertThatThrownBy(() -> call(new byte[0]))
                        .isInstanceOf(type)
                        .hasMessage(message));
    }

    @Test
    void statusAndTextAreTakenFromTheTrailers() throws Exception {
        expect(
                9,
                "a b+c \u2013",
                headers(true, ":status", "200", "grpc-status", "9", "grpc-message", "a b+c %E2%80%93"));
    }

    @Test
    void aTextThatIsNotEncodedIsTakenAsItIs() throws Exception {
        expect(9, "100% sure", headers(true, "grpc-status", "9", "grpc-message", "100% sure"));
    }

    @Test
    void aStatusThatIsNoNumberIsUnknown() throws Exception {
        expect(GrpcStatus.UNKNOWN, "", headers(true, "grpc-status", "fine"));
    }

    @Test
    void anEndWithoutStatusIsUnavailable() throws Exception {
        expect(GrpcStatus.UNAVAILABLE, "the server ended the stream without a status", headers(true, ":status", "503"));
    }

    @Test
    void aResetIsUnavailable() throws Exception {
        expect(GrpcStatus.UNAVAILABLE, "the server reset the stream, error 7", Frames.rstStream(1, 7));
    }

    @Test
    void goingAwayIsAnErrorOnlyWhereTheCallIsNotServed() throws Exception {
        expectFailure(
                IOException.class, "the server goes away, error 2", frame(Frames.GOAWAY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2));
        expect(5, "", frame(Frames.GOAWAY, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0), headers(true, "grpc-status", "5"));
    }

    @Test
    void anEndOfTheConnectionIsAnError() throws Exception {
        expectFailure(EOFException.class, "the server closed the connection", NOTHING);
        expectFailure(EOFException.class, "the server closed the connection", headers(false, ":status", "200"));
    }

    @Test
    void okWithoutAMessageIsAnError() throws Exception {
        expectFailure(
                EOFException.class,
                "the server answered OK without a whole message",
                headers(true, "grpc-status", "0"));
    }

    @Test
    void aReplyThatIsCompressedUnaskedIsAnError() throws Exception {
        expectFailure(
                IOException.class,
                "the server compressed a message, which it was not told it may",
                headers(false, ":status", "200", "grpc-encoding", "gzip"),
                frame(Frames.DATA, 0, 1, 1, 0, 0, 0, 1, 42),
                headers(true, "grpc-status", "0"));
    }

    @Test
    void paddingPriorityContinuationAndUnknownFramesAreUnderstood() throws Exception {
        // grpc-status: 0 as a literal without indexing, cut in two: flags PADDED and PRIORITY, then CONTINUATION.
        byte[] block = "\u0000\u000bgrpc-status\u00010".getBytes(StandardCharsets.ISO_8859_1);
        int[] first = {3, 0, 0, 0, 0, 0, block[0], block[1], block[2], 0, 0, 0};
        int[] rest = new int[block.length - 3];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = block[i + 3];
        }
        callSendingBack(
                List.of(
                        Frames.settings(),
                        headers(false, ":status", "200"),
                        frame(0xfa, 0xff, 1, 1, 2, 3),
                        frame(Frames.DATA, Frames.PADDED, 1, 2, 0, 0, 0, 0, 3, 7, 0, 0),
                        frame(Frames.DATA, 0, 1, 8, 9),
                        frame(Frames.HEADERS, Frames.END_STREAM | Frames.PADDED | Frames.HAS_PRIORITY, 1, first),
                        frame(Frames.CONTINUATION, Frames.END_HEADERS, 1, rest)),
                () -> {
                    GrpcResponse result = call(new byte[0]);
                    assertThat(result.status()).isEqualTo(new GrpcStatus(GrpcStatus.OK, ""));
                    assertThat(bytes(result.reply())).containsExactly(7, 8, 9);
                });
    }

    private GrpcResponse responseTo(ByteBuffer... frames) throws Exception {
        List<GrpcResponse> results = new ArrayList<>();
        callSendingBack(List.of(frames), () -> results.add(call(new byte[0])));
        return results.getFirst();
    }

    @Test
    void everyFieldOfTheResponseIsKeptInOrderAndAsItCame() throws Exception {
        GrpcResponse response = responseTo(
                headers(false, ":status", "103", "link", "interim"),
                headers(
                        false,
                        ":status",
                        "200",
                        "content-type",
                        "application/grpc+proto",
                        "b",
                        "1",
                        "a",
                        "2",
                        "b",
                        "3"),
                message(7),
                headers(true, "grpc-status", "9", "grpc-message", "%e2%80%93 100%", "grpc-status-details-bin", "AQI"));
        assertThat(response.headers())
                .containsExactly(
                        new Header(":status", "200"),
                        new Header("content-type", "application/grpc+proto"),
                        new Header("b", "1"),
                        new Header("a", "2"),
                        new Header("b", "3"));
        assertThat(bytes(Objects.requireNonNull(response.message()))).containsExactly(7);
        assertThat(response.trailers())
                .containsExactly(
                        new Header("grpc-status", "9"),
                        new Header("grpc-message", "%e2%80%93 100%"),
                        new Header("grpc-status-details-bin", "AQI"));
    }

    @Test
    void aResponseOfTrailersOnlyHasNeitherHeadersNorMessage() throws Exception {
        GrpcResponse response = responseTo(headers(true, ":status", "200", "grpc-status", "5"));
        assertThat(response.headers()).isEmpty();
        assertThat(response.message()).isNull();
        assertThat(response.trailers()).containsExactly(new Header(":status", "200"), new Header("grpc-status", "5"));
    }

    @Test
    void theClientsContentTypeGoesAlong() throws Exception {
        byte[] sent = callSendingBack(
                List.of(headers(true, "grpc-status", "5")),
                () -> assertThat(call(new byte[0], new Header("content-type", "application/grpc+proto"))
                                .status()
                                .isNotFound())
                        .isTrue());
        assertThat(new String(sent, StandardCharsets.ISO_8859_1)).containsOnlyOnce("application/grpc+proto");
    }

    @Test
    void aFrameAboveWhatWasAllowedIsAnError() throws Exception {
        expectFailure(
                IOException.class,
                "the server sent a frame of 16385 bytes, above 16384",
                frame(Frames.DATA, 0, 1, new int[Frames.MAX_PAYLOAD + 1]));
    }

    @Test
    void aHeaderBlockThatIsBrokenOffIsAnError() throws Exception {
        expectFailure(
                IOException.class,
                "the server broke a header block off, or sent one above 1048576 bytes",
                frame(Frames.HEADERS, 0, 1, 0),
                frame(Frames.DATA, 0, 1, 8, 9));
    }

    @Test
    void aFrameTooShortForItsTypeIsAnError() throws Exception {
        expectFailure(
                IOException.class,
                "the server sent a frame of type 3 with 2 bytes",
                frame(Frames.RST_STREAM, 0, 1, 0, 0));
    }

    @Test
    void morePaddingThanFrameIsAnError() throws Exception {
        expectFailure(
                IOException.class,
                "the server sent a DATA frame of 2 bytes with more padding than that",
                headers(false, ":status", "200"),
                frame(Frames.DATA, Frames.PADDED, 1, 2, 0));
        expectFailure(
                IOException.class,
                "the server sent a HEADERS frame of 2 bytes with more padding than that",
                frame(Frames.HEADERS, Frames.END_HEADERS | Frames.PADDED, 1, 2, 0));
    }

    @Test
    void settingsAndPingAreAcknowledged() throws Exception {
        byte[] sent = callSendingBack(
                List.of(
                        Frames.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 3),
                        frame(Frames.PING, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8),
                        headers(false, ":status", "200"),
                        message(1),
                        Frames.windowUpdate(1, 100),
                        headers(true, "grpc-status", "0")),
                () -> assertThat(call(new byte[10]).status().code()).isEqualTo(GrpcStatus.OK));
        String all = HexFormat.of().formatHex(sent);
        assertThat(all)
                .startsWith(HexFormat.of().formatHex(Frames.PREFACE.getBytes(StandardCharsets.US_ASCII)))
                .contains("000000" + "04" + "01" + "00000000") // SETTINGS, ACK
                .contains("000008" + "06" + "01" + "00000000" + "0102030405060708");
    }

    @Test
    void metadataGoesAlongButForWhatBelongsToTheConnection() throws Exception {
        byte[] sent = callSendingBack(
                List.of(headers(true, "grpc-status", "5")),
                () -> assertThat(call(
                                        new byte[0],
                                        new Header(":authority", "evil"),
                                        new Header("grpc-encoding", "gzip"),
                                        new Header("grpc-accept-encoding", "gzip"),
                                        new Header("traceparent", "00-abc"))
                                .status()
                                .code())
                        .isEqualTo(5));
        assertThat(new String(sent, StandardCharsets.ISO_8859_1))
                .contains("traceparent", "00-abc", "localhost", "application/grpc", "/s/M")
                .doesNotContain("evil", "gzip", "grpc-timeout");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1m",
        "99999999, 99999999m",
        "100000000, 100000S",
        "100000001, 100001S",
        "99999999000, 99999999S",
        "9223372036854775807, 99999999S"
    })
    void aTimeoutTravelsInAtMostEightDigitsAndIsNeverShorter(long millis, String header) {
        assertThat(RequestFields.timeout(millis)).isEqualTo(header);
    }
}
