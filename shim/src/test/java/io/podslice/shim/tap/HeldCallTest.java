package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.Header;
import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import io.podslice.shim.tap.Decision.Answer;
import io.podslice.shim.tap.Decision.Fail;
import io.podslice.shim.tap.Decision.Forward;
import io.podslice.shim.tap.Decision.Relay;
import io.podslice.shim.tap.Decision.Replace;
import io.podslice.shim.tap.Peer.Frame;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeldCallTest {
    private static final String HELD = ":path: " + Deciding.PATH;
    private static final String OTHER = ":path: /s/Other";
    private static final String POST = ":method: POST";
    private static final String OK = ":status: 200";
    private static final String GRPC = "content-type: application/grpc";
    private static final String STATUS_OK = "grpc-status: 0";

    private final Deciding deciding = new Deciding();

    @SuppressWarnings("NullAway.Init")
    private Junction junction;

    private Junction start() throws Exception {
        return start(TapOptions.defaults(), new int[0], new int[0]);
    }

    private Junction start(TapOptions options, int[] clientSettings, int[] runtimeSettings) throws Exception {
        junction = new Junction(Map.of(Deciding.PATH, deciding), options).started(clientSettings, runtimeSettings);
        return junction;
    }

    @AfterEach
    void stop() throws Exception {
        junction.close();
        junction.tapping.join();
    }

    private static byte[] message(String text) {
        return MessageReader.framed(buffer(text));
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer message) {
        return StandardCharsets.UTF_8.decode(message.duplicate()).toString();
    }

    private void hold(int stream, String text) throws Exception {
        junction.client.headers(stream, false, POST, HELD);
        junction.client.data(stream, true, message(text));
        assertThat(junction.runtime.next().fields()).containsExactlyInAnyOrder(POST, HELD);
    }

    private void reply(int stream, String text) throws Exception {
        junction.runtime.headers(stream, false, OK, GRPC);
        junction.runtime.data(stream, false, message(text));
        junction.runtime.headers(stream, true, STATUS_OK);
    }

    private void expectReply(int stream, String text) throws Exception {
        assertThat(junction.client.next().toString())
                .isEqualTo("HEADERS[:status: 200, content-type: application/grpc]@" + stream);
        Frame data = junction.client.next();
        assertThat(data.payload()).isEqualTo(ByteBuffer.wrap(message(text)));
        assertThat(data.stream()).isEqualTo(stream);
        assertThat(junction.client.next().toString()).isEqualTo("HEADERS[grpc-status: 0]@" + stream + " END");
    }

    /** Another call goes there and back: so nothing came before it on either side. */
    private void otherCall(int stream) throws Exception {
        junction.client.headers(stream, false, POST, OTHER, "grpc-timeout: " + stream + "m");
        junction.client.data(stream, true, message("other"));
        Frame headers = junction.runtime.next();
        assertThat(headers.fields()).contains(OTHER, "grpc-timeout: " + stream + "m");
        assertThat(headers.stream()).isEqualTo(stream);
        assertThat(junction.runtime.next().payload()).isEqualTo(ByteBuffer.wrap(message("other")));
        junction.runtime.headers(stream, false, OK, GRPC, "x-call: " + stream);
        junction.runtime.data(stream, false, message("reply"));
        junction.runtime.headers(stream, true, STATUS_OK);
        assertThat(junction.client.next().fields()).containsExactlyInAnyOrder(OK, GRPC, "x-call: " + stream);
        assertThat(junction.client.next().payload()).isEqualTo(ByteBuffer.wrap(message("reply")));
        assertThat(junction.client.next().fields()).containsExactly(STATUS_OK);
    }

    // ---- Going on

    @Test
    void theMessageWaitsForItsDecisionAndOtherStreamsDoNot() throws Exception {
        start();
        hold(1, "hello");
        HeldCall call = deciding.nextCall();
        assertThat(text(call.message())).isEqualTo("hello");
        assertThat(call.path()).isEqualTo(Deciding.PATH);
        assertThat(call.headers()).contains(new Header(":method", "POST"), new Header(":path", Deciding.PATH));
        otherCall(3);
        deciding.decideNext(new Forward(deciding.outcome()));
        Frame data = junction.runtime.next();
        assertThat(data.toString()).isEqualTo("DATA(10)@1 END");
        assertThat(data.payload()).isEqualTo(ByteBuffer.wrap(message("hello")));
        reply(1, "id-1");
        assertThat(deciding.nextOutcome()).isEqualTo("succeeded id-1");
        expectReply(1, "id-1");
        otherCall(5);
    }

    @Test
    void aMessageInPiecesWithPaddingIsPutTogether() throws Exception {
        start();
        junction.client.headers(1, false, POST, HELD);
        byte[] message = message("in many pieces");
        for (byte b : message) {
            junction.client.send(Peer.frame(Frames.DATA, Frames.PADDED, 1, new byte[] {3, b, 0, 0, 0}));
        }
        junction.client.data(1, true, new byte[0]);
        junction.runtime.next();
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(text(deciding.nextCall().message())).isEqualTo("in many pieces");
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        Frame frame;
        do {
            frame = junction.runtime.next();
            seen.writeBytes(Arrays.copyOf(bytes(frame), frame.payload().limit()));
        } while (!frame.ends());
        assertThat(seen.toByteArray()).isEqualTo(message);
        int[] granted = new int[2];
        for (int i = 0; i < 2 * message.length; i++) {
            Frame update = junction.client.next();
            assertThat(update.type()).isEqualTo(Frames.WINDOW_UPDATE);
            granted[update.stream()] += update.number();
        }
        assertThat(granted).as("what padding cost is given back").containsOnly(4 * message.length);
        otherCall(3);
    }

    @Test
    void headersInTheMiddleOfAMessageAreForTheRuntimeToJudge() throws Exception {
        start();
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, Arrays.copyOf(message("half"), 7));
        junction.client.headers(1, false, "x: y");
        junction.client.data(1, true, new byte[2]);
        junction.runtime.next();
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(7)@1");
        assertThat(junction.runtime.next().fields()).containsExactly("x: y");
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(2)@1 END");
        assertThat(deciding.calls).isEmpty();
    }

    private static byte[] bytes(Frame frame) {
        byte[] bytes = new byte[frame.payload().limit()];
        frame.payload().get(0, bytes);
        return bytes;
    }

    @Test
    void aRewrittenMessageTakesThePlaceOfTheOriginal() throws Exception {
        start();
        for (String text : new String[] {"longer than it was", "short", "equals"}) {
            int stream = 1 + 2 * deciding.outcomes.size() + 10 * text.length();
            hold(stream, "sample");
            deciding.decideNext(new Replace(buffer(text), Outcome.NONE));
            Frame data = junction.runtime.next();
            assertThat(data.toString()).isEqualTo("DATA(" + (5 + text.length()) + ")@" + stream + " END");
            assertThat(data.payload()).isEqualTo(ByteBuffer.wrap(message(text)));
            reply(stream, "r");
            expectReply(stream, "r");
        }
        // 11 bytes more than the client has sent: it hears of 11 less.
        junction.runtime.send(Frames.windowUpdate(0, 100));
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(89)@0");
        junction.runtime.send(Frames.windowUpdate(0, 100));
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(100)@0");
    }

    @Test
    void whatAShorterMessageSavesIsGrantedToTheClient() throws Exception {
        start();
        hold(1, "a long message");
        deciding.decideNext(new Replace(buffer("short"), Outcome.NONE));
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(10)@1 END");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(9)@0");
    }

    @Test
    void aSmallUpdateIsSwallowedWhole() throws Exception {
        start();
        hold(1, "x");
        deciding.decideNext(new Replace(buffer("x".repeat(101)), Outcome.NONE));
        assertThat(junction.runtime.next().ends()).isTrue();
        junction.runtime.send(Frames.windowUpdate(0, 60), Frames.windowUpdate(0, 60));
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(20)@0");
    }

    @Test
    void gzipIsReadAndARewrittenMessageIsPlain() throws Exception {
        start();
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write("compressed".getBytes(StandardCharsets.UTF_8));
        }
        byte[] framed = MessageReader.framed(ByteBuffer.wrap(zipped.toByteArray()));
        framed[0] = 1;
        junction.client.headers(1, false, POST, HELD, "grpc-encoding: gzip");
        junction.client.data(1, true, framed);
        junction.runtime.next();
        assertThat(text(deciding.nextCall().message())).isEqualTo("compressed");
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(junction.runtime.next().payload()).isEqualTo(ByteBuffer.wrap(framed));
        junction.client.headers(3, false, POST, HELD, "grpc-encoding: gzip");
        junction.client.data(3, true, framed);
        junction.runtime.next();
        assertThat(text(deciding.nextCall().message())).isEqualTo("compressed");
        deciding.decideNext(new Replace(buffer("plain"), Outcome.NONE));
        assertThat(junction.runtime.next().payload()).isEqualTo(ByteBuffer.wrap(message("plain")));
    }

    @Test
    void aCompressionThatCannotBeReadIsRefused() throws Exception {
        start();
        junction.client.headers(1, false, POST, HELD, "grpc-encoding: zstd");
        byte[] framed = message("???");
        framed[0] = 1;
        junction.client.data(1, true, framed);
        junction.runtime.next();
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().type()).isEqualTo(Frames.WINDOW_UPDATE);
        assertThat(junction.client.next().fields()).contains("grpc-status: 12");
    }

    @Test
    void halfAMessageIsLeftToTheRuntime() throws Exception {
        start();
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, true, Arrays.copyOf(message("hello"), 7));
        junction.runtime.next();
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(7)@1 END");
        junction.runtime.headers(1, true, OK, "grpc-status: 13");
        assertThat(junction.client.next().fields()).contains("grpc-status: 13");
    }

    @Test
    void trailersOfTheClientStayBehindItsMessage() throws Exception {
        start();
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, message("hello"));
        junction.client.headers(1, true, "x-trailer: changes the table");
        junction.client.headers(3, true, POST, OTHER, "x-trailer: changes the table");
        junction.runtime.next();
        assertThat(junction.runtime.next().fields())
                .containsExactlyInAnyOrder(POST, OTHER, "x-trailer: changes the table");
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(10)@1");
        assertThat(junction.runtime.next().toString()).isEqualTo("HEADERS[x-trailer: changes the table]@1 END");
        otherCall(5);
    }

    @Test
    void aContentLengthDoesNotReachTheRuntime() throws Exception {
        start();
        junction.client.headers(1, false, POST, HELD, "content-length: 10", "x-a: b");
        assertThat(junction.runtime.next().fields()).containsExactlyInAnyOrder(POST, HELD, "x-a: b");
        junction.client.headers(3, true, POST, OTHER, "content-length: 10", "x-a: b");
        assertThat(junction.runtime.next().fields())
                .containsExactlyInAnyOrder(POST, OTHER, "content-length: 10", "x-a: b");
    }

    // ---- Answering

    @Test
    void aRefusedCallIsResetInTheRuntimeAndAnsweredToTheClient() throws Exception {
        start();
        hold(1, "hello");
        deciding.decideNext(new Fail(new GrpcStatus(8, "100 % of nothing – sorry")));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        Frame answer = junction.client.next();
        assertThat(answer.ends()).isTrue();
        assertThat(answer.fields())
                .containsExactlyInAnyOrder(
                        OK, GRPC, "grpc-status: 8", "grpc-message: 100 %25 of nothing %E2%80%93 sorry");
        otherCall(3);
    }

    @Test
    void aRelayedResponseKeepsItsFieldsAndTheirOrder() throws Exception {
        start();
        hold(1, "hello");
        deciding.decideNext(new Relay(
                List.of(new Header(":status", "200"), new Header("x-b", "1"), new Header("x-a", "2")),
                buffer("world"),
                List.of(
                        new Header("grpc-status", "9"),
                        new Header("grpc-message", "%e2%80%93 100%"),
                        new Header("grpc-status-details-bin", "AQI"))));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        assertThat(junction.client.next().toString()).isEqualTo("HEADERS[:status: 200, x-b: 1, x-a: 2]@1");
        assertThat(junction.client.next().toString()).isEqualTo("DATA(10)@1");
        assertThat(junction.client.next().toString())
                .isEqualTo("HEADERS[grpc-status: 9, grpc-message: %e2%80%93 100%, grpc-status-details-bin: AQI]@1 END");
        otherCall(3);
    }

    @Test
    void aRelayedResponseWithoutTrailersEndsWithItsLastFrame() throws Exception {
        start();
        hold(1, "hello");
        List<Header> headers = List.of(new Header(":status", "503"));
        deciding.decideNext(new Relay(headers, null, List.of()));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        assertThat(junction.client.next().toString()).isEqualTo("HEADERS[:status: 503]@1 END");
        hold(3, "hello");
        deciding.decideNext(new Relay(headers, buffer("world"), List.of()));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@3");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        assertThat(junction.client.next().toString()).isEqualTo("HEADERS[:status: 503]@3");
        assertThat(junction.client.next().toString()).isEqualTo("DATA(10)@3 END");
        otherCall(5);
    }

    @Test
    void anAnsweredCallLooksLikeARuntimesAnswer() throws Exception {
        start();
        hold(1, "hello");
        deciding.decideNext(new Answer(buffer("world")));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        expectReply(1, "world");
        // The answer cost 10 bytes of the client's window that the runtime does not know of.
        junction.client.send(Frames.windowUpdate(0, 30), Frames.windowUpdate(1, 10));
        assertThat(junction.runtime.next().toString()).isEqualTo("WINDOW_UPDATE(20)@0");
        otherCall(3);
    }

    @Test
    void aClientThatHasMoreToSendIsToldToStop() throws Exception {
        start();
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, message("hello"));
        junction.runtime.next();
        deciding.decideNext(new Fail(new GrpcStatus(3, "no")));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().type()).isEqualTo(Frames.WINDOW_UPDATE);
        assertThat(junction.client.next().fields()).contains("grpc-status: 3");
        assertThat(junction.client.next().toString()).isEqualTo("RST_STREAM(0)@1");
        junction.client.data(1, true, new byte[20]);
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(20)@0");
        junction.client.send(Frames.rstStream(1, 8));
        otherCall(3);
    }

    @Test
    void whatTheRuntimeStillSaysOnAnAnsweredStreamIsDroppedAndTheTablesStayInStep() throws Exception {
        start();
        otherCall(1);
        hold(3, "hello");
        deciding.decideNext(new Answer(buffer("world")));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@3");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        expectReply(3, "world");
        // These were under way: the block changes the runtime's table.
        junction.runtime.headers(3, false, OK, GRPC, "x-late: one");
        junction.runtime.data(3, false, message("dropped"));
        junction.runtime.headers(3, true, STATUS_OK, "x-late: two");
        // The dropped 12 bytes, less the 10 that the answer has cost the client's window.
        assertThat(junction.runtime.next().toString()).isEqualTo("WINDOW_UPDATE(2)@0");
        junction.runtime.headers(5, true, OK, "x-late: one", "x-late: two", "x-new: three");
        assertThat(junction.client.next().fields())
                .containsExactlyInAnyOrder(OK, "x-late: one", "x-late: two", "x-new: three");
        otherCall(7);
        junction.runtime.send(Frames.rstStream(3, 0));
        otherCall(9);
    }

    @Test
    void anEarlyEndInTheRuntimeDoesNotShowThroughAnAnswer() throws Exception {
        start();
        hold(1, "update");
        deciding.nextCall();
        // As grpc-go answers a method that it does not know: at once, before any message.
        junction.runtime.headers(1, true, OK, GRPC, "grpc-status: 12", "grpc-message: unknown method");
        junction.runtime.send(Frames.rstStream(1, 0));
        otherCall(3);
        deciding.decideNext(new Answer(buffer("done")));
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(11)@0");
        expectReply(1, "done");
        otherCall(5);
    }

    @Test
    void anEarlyEndInTheRuntimeEndsACallThatGoesOn() throws Exception {
        start();
        hold(1, "hello");
        deciding.nextCall();
        junction.runtime.headers(1, true, OK, GRPC, "grpc-status: 14");
        junction.runtime.send(Frames.rstStream(1, 0));
        otherCall(3);
        deciding.decideNext(new Forward(deciding.outcome()));
        assertThat(deciding.nextOutcome()).isEqualTo("failed");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        assertThat(junction.client.next().fields()).contains("grpc-status: 14");
        assertThat(junction.client.next().toString()).isEqualTo("RST_STREAM(0)@1");
        otherCall(5);
    }

    // ---- Limits

    @Test
    void aMessageAboveTheLimitIsRefusedAsSoonAsItsLengthIsKnown() throws Exception {
        start(new TapOptions(Duration.ofSeconds(10), 1000, 2000, Duration.ofSeconds(10)), new int[0], new int[0]);
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(
                1, false, ByteBuffer.allocate(20).put((byte) 0).putInt(1001).array());
        junction.runtime.next();
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(20)@0");
        assertThat(junction.client.next().fields())
                .contains("grpc-status: 8", "grpc-message: grpc: received message larger than max (1001 vs. 1000)");
        assertThat(junction.client.next().toString()).isEqualTo("RST_STREAM(0)@1");
        otherCall(3);
    }

    @Test
    void aCallForWhichThereIsNoMemoryWaitsForItAndOthersDoNot() throws Exception {
        start(new TapOptions(Duration.ofSeconds(10), 1000, 1500, Duration.ofSeconds(10)), new int[0], new int[0]);
        hold(1, "x".repeat(990));
        HeldCall first = deciding.nextCall();
        assertThat(first.message().remaining()).isEqualTo(990);
        hold(3, "y".repeat(800));
        otherCall(7);
        assertThat(deciding.calls).isEmpty();
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(afterCredit(junction.runtime).toString()).isEqualTo("DATA(995)@1 END");
        assertThat(text(deciding.nextCall().message())).isEqualTo("y".repeat(800));
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(afterCredit(junction.runtime).toString()).isEqualTo("DATA(805)@3 END");
    }

    /** The second has been told no window of its own: the rest of its message comes once there is memory. */
    @Test
    void aCallThatWaitsForMemoryIsGrantedNoWindow() throws Exception {
        start(new TapOptions(Duration.ofSeconds(10), 200_000, 250_000, Duration.ofSeconds(10)), new int[0], new int[0]);
        byte[] large = message("z".repeat(150_000));
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, Arrays.copyOf(large, 100));
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(" + (150_005 - 65_535) + ")@1");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(" + (150_005 - 65_535) + ")@0");
        junction.client.headers(3, false, POST, HELD);
        junction.client.data(3, false, Arrays.copyOf(large, 100));
        // The window of a stream is made small while a message waits.
        Frame slower = junction.client.next();
        assertThat(slower.type()).isEqualTo(Frames.SETTINGS);
        assertThat(slower.payload().getInt(2)).isEqualTo(16_384);
        junction.client.send(Frames.settingsAck());
        sendRest(1, large, 100);
        deciding.nextCall();
        deciding.decideNext(new Fail(new GrpcStatus(GrpcStatus.INVALID_ARGUMENT, "no")));
        Frame frame = afterCredit(junction.client);
        assertThat(frame.fields()).contains("grpc-message: no");
        // Now there is memory for the second, and the window is made large again.
        Frame faster = afterCredit(junction.client);
        assertThat(faster.type()).isEqualTo(Frames.SETTINGS);
        assertThat(faster.payload().getInt(2)).isEqualTo(65_535);
        junction.client.send(Frames.settingsAck());
        sendRest(3, large, 100);
        assertThat(deciding.nextCall().message().remaining()).isEqualTo(150_000);
        deciding.decideNext(new Fail(new GrpcStatus(GrpcStatus.INVALID_ARGUMENT, "no")));
        // The runtime has seen neither SETTINGS nor their acknowledgements.
        assertThat(junction.runtime.next().stream()).isEqualTo(1);
        assertThat(junction.runtime.next().stream()).isEqualTo(3);
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@3");
    }

    private void sendRest(int stream, byte[] message, int from) throws Exception {
        for (int at = from; at < message.length; at += 16_000) {
            int to = Math.min(message.length, at + 16_000);
            junction.client.data(stream, to == message.length, Arrays.copyOfRange(message, at, to));
        }
    }

    @Test
    void aCallThatWaitsForMemoryBeyondItsDeadlineEndsSo() throws Exception {
        start(new TapOptions(Duration.ofSeconds(10), 1000, 1500, Duration.ofSeconds(10)), new int[0], new int[0]);
        hold(1, "x".repeat(990));
        deciding.nextCall();
        junction.client.headers(3, false, POST, HELD, "grpc-timeout: 200m");
        junction.client.data(3, true, message("y".repeat(800)));
        assertThat(afterCredit(junction.client).fields())
                .contains("grpc-status: 4", "grpc-message: context deadline exceeded");
        assertThat(junction.runtime.next().stream()).isEqualTo(3);
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@3");
        // Its place in line is free.
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(995)@1 END");
        hold(5, "z".repeat(900));
        assertThat(text(deciding.nextCall().message())).startsWith("zzz");
    }

    @Test
    void aMessageThatDoesNotComeEndsAtTheDeadline() throws Exception {
        start(new TapOptions(Duration.ofSeconds(10), 1000, 1500, Duration.ofSeconds(10)), new int[0], new int[0]);
        junction.client.headers(1, false, POST, HELD, "grpc-timeout: 200m");
        junction.client.data(1, false, Arrays.copyOf(message("y".repeat(800)), 300));
        assertThat(afterCredit(junction.client).fields())
                .contains("grpc-status: 4", "grpc-message: context deadline exceeded");
        assertThat(afterCredit(junction.client).toString()).isEqualTo("RST_STREAM(0)@1");
    }

    @Test
    void aCallThatIsCancelledWhileItWaitsLeavesTheLine() throws Exception {
        start(new TapOptions(Duration.ofSeconds(10), 1000, 1500, Duration.ofSeconds(10)), new int[0], new int[0]);
        hold(1, "x".repeat(990));
        deciding.nextCall();
        hold(3, "y".repeat(800));
        hold(5, "z".repeat(900));
        junction.client.send(Frames.rstStream(3, Frames.CANCEL));
        assertThat(afterCredit(junction.runtime).toString()).isEqualTo("RST_STREAM(8)@3");
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(text(deciding.nextCall().message())).startsWith("zzz");
    }

    private static Frame afterCredit(Peer peer) throws Exception {
        Frame frame = peer.next();
        while (frame.type() == Frames.WINDOW_UPDATE) {
            frame = peer.next();
        }
        return frame;
    }

    @Test
    void aMessageLargerThanTheWindowsArrives() throws Exception {
        start(TapOptions.defaults(), new int[0], new int[] {Frames.SETTINGS_INITIAL_WINDOW_SIZE, 1000});
        byte[] message = message("z".repeat(4000));
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, Arrays.copyOf(message, 1000));
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(3005)@1");
        junction.client.data(1, true, Arrays.copyOfRange(message, 1000, message.length));
        junction.runtime.next();
        deciding.decideNext(new Forward(Outcome.NONE));
        for (int i = 0; i < 4; i++) {
            assertThat(junction.runtime.next().toString()).isEqualTo("DATA(1000)@1");
            junction.runtime.send(Frames.windowUpdate(1, 1000));
        }
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(5)@1 END");
        // Of the 4000 that the runtime has granted the client has heard of 3005.
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(995)@1");
        otherCall(3);
    }

    @Test
    void settingsBindFromTheirAcknowledgementOn() throws Exception {
        start(TapOptions.defaults(), new int[0], new int[] {Frames.SETTINGS_INITIAL_WINDOW_SIZE, 10});
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, Arrays.copyOf(message("z".repeat(40)), 10));
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(35)@1");
        junction.client.data(1, true, "z".repeat(35).getBytes(StandardCharsets.UTF_8));
        junction.runtime.next();
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(10)@1");
        junction.runtime.send(Frames.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 30));
        assertThat(junction.client.next().type()).isEqualTo(Frames.SETTINGS);
        junction.client.send(Frames.settingsAck());
        assertThat(junction.runtime.next().type()).isEqualTo(Frames.SETTINGS);
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(20)@1");
        junction.runtime.send(Frames.windowUpdate(1, 15));
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(15)@1 END");
    }

    @Test
    void otherStreamsWaitWhereALongerMessageTookTheirRoom() throws Exception {
        start();
        hold(1, "x".repeat(995));
        deciding.decideNext(new Replace(buffer("y".repeat(29_995)), Outcome.NONE));
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(16384)@1");
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(13616)@1 END");
        // 65535 - 1000 as the client sees it, 65535 - 30000 as the runtime does.
        junction.client.headers(3, false, POST, OTHER);
        for (int i = 0; i < 6; i++) {
            junction.client.data(3, false, new byte[10_000]);
        }
        junction.client.data(3, true, new byte[0]);
        junction.client.headers(5, true, POST, OTHER);
        assertThat(junction.runtime.next().stream()).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
            assertThat(junction.runtime.next().toString()).isEqualTo("DATA(10000)@3");
        }
        Frame rest = junction.runtime.next();
        Frame headers = junction.runtime.next();
        assertThat(rest.toString()).isEqualTo("DATA(5535)@3");
        assertThat(headers.toString()).isEqualTo("HEADERS[:method: POST, :path: /s/Other]@5 END");
        junction.runtime.send(Frames.windowUpdate(0, 29_000));
        int seen = 0;
        Frame frame;
        do {
            frame = junction.runtime.next();
            assertThat(frame.stream()).isEqualTo(3);
            seen += frame.payload().limit();
        } while (!frame.ends());
        assertThat(seen).isEqualTo(60_000 - 35_535);
        junction.runtime.send(Frames.windowUpdate(0, 10_000));
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10000)@0");
    }

    @Test
    void anAnswerWaitsForTheClientsWindow() throws Exception {
        start();
        hold(1, "hello");
        junction.client.headers(3, true, POST, OTHER);
        junction.runtime.next();
        junction.runtime.headers(3, false, OK, GRPC);
        for (int left = Frames.DEFAULT_WINDOW; left > 0; left -= 13_107) {
            junction.runtime.data(3, false, new byte[13_107]);
        }
        assertThat(junction.client.next().stream()).isEqualTo(3);
        for (int i = 0; i < 5; i++) {
            assertThat(junction.client.next().toString()).isEqualTo("DATA(13107)@3");
        }
        deciding.decideNext(new Answer(buffer("world")));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        assertThat(junction.client.next().fields()).containsExactlyInAnyOrder(OK, GRPC);
        // Trailers of the other stream do not wait for the window.
        junction.runtime.headers(3, true, STATUS_OK);
        assertThat(junction.client.next().toString()).isEqualTo("HEADERS[grpc-status: 0]@3 END");
        junction.client.send(Frames.windowUpdate(0, 4));
        assertThat(junction.client.next().toString()).isEqualTo("DATA(4)@1");
        junction.client.send(Frames.windowUpdate(0, 1000));
        assertThat(junction.client.next().toString()).isEqualTo("DATA(6)@1");
        assertThat(junction.client.next().toString()).isEqualTo("HEADERS[grpc-status: 0]@1 END");
        assertThat(junction.runtime.next().toString()).isEqualTo("WINDOW_UPDATE(994)@0");
    }
}
