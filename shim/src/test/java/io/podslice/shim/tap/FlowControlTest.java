package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import io.podslice.shim.tap.Decision.Answer;
import io.podslice.shim.tap.Decision.Fail;
import io.podslice.shim.tap.Decision.Forward;
import io.podslice.shim.tap.Decision.Replace;
import io.podslice.shim.tap.Peer.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Held and answered calls where windows are nearly used up, become smaller, or a peer breaks off. */
class FlowControlTest {
    private static final String HELD = ":path: " + Deciding.PATH;
    private static final String OTHER = ":path: /s/Other";
    private static final String POST = ":method: POST";
    private static final String OK = ":status: 200";
    private static final String GRPC = "content-type: application/grpc";
    private static final String STATUS_OK = "grpc-status: 0";

    private final Deciding deciding = new Deciding();

    @SuppressWarnings("NullAway.Init")
    private Junction junction;

    private void start(TapOptions options, int[] clientSettings, int[] runtimeSettings) throws Exception {
        junction = new Junction(Map.of(Deciding.PATH, deciding), options).started(clientSettings, runtimeSettings);
    }

    private void start(int[] clientSettings, int[] runtimeSettings) throws Exception {
        start(TapOptions.defaults(), clientSettings, runtimeSettings);
    }

    @AfterEach
    void stop() throws Exception {
        junction.close();
        junction.tapping.join();
    }

    private static ByteBuffer letters(int count) {
        return ByteBuffer.wrap("m".repeat(count).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] message(int bytes) {
        return MessageReader.framed(letters(bytes));
    }

    private void hold(int stream, int bytes) throws Exception {
        junction.client.headers(stream, false, POST, HELD);
        junction.client.data(stream, true, message(bytes));
        assertThat(junction.runtime.next().stream()).isEqualTo(stream);
        deciding.nextCall();
    }

    /** Another call goes to the runtime: so nothing that it may not see came before it. */
    private void otherCall(int stream) throws Exception {
        junction.client.headers(stream, true, POST, OTHER);
        Frame headers = junction.runtime.next();
        assertThat(headers.toString()).startsWith("HEADERS").endsWith("@" + stream + " END");
    }

    private void expectClient(String... frames) throws Exception {
        for (String frame : frames) {
            assertThat(junction.client.next().toString()).isEqualTo(frame);
        }
    }

    private void expectRuntime(String... frames) throws Exception {
        for (String frame : frames) {
            assertThat(junction.runtime.next().toString()).isEqualTo(frame);
        }
    }

    // ---- Header tables

    @Test
    void anAnswerShrinksAHeaderTableThatItsReceiverWantsSmaller() throws Exception {
        start(new int[] {Frames.SETTINGS_HEADER_TABLE_SIZE, 60}, new int[0]);
        junction.client.limitHeaderTable(60);
        hold(1, 5);
        deciding.decideNext(new Fail(new GrpcStatus(GrpcStatus.INTERNAL, "no")));
        expectClient("WINDOW_UPDATE(10)@0");
        assertThat(junction.client.next().fields()).contains("grpc-status: 13", "grpc-message: no");
        expectRuntime("RST_STREAM(8)@1");
        // The runtime's first block says so once more, as it has to, and may then use the table.
        otherCall(3);
        junction.runtime.limitEncodersTable(60);
        junction.runtime.headers(3, false, OK, "a: b");
        junction.runtime.headers(3, true, STATUS_OK, "a: b");
        assertThat(junction.client.next().fields()).containsExactlyInAnyOrder(OK, "a: b");
        assertThat(junction.client.next().fields()).containsExactlyInAnyOrder(STATUS_OK, "a: b");
    }

    @Test
    void aHeaderTableIsGivenUpOnceABlockThatFilledItWasDropped() throws Exception {
        start(new int[] {Frames.SETTINGS_HEADER_TABLE_SIZE, 60}, new int[0]);
        junction.client.limitHeaderTable(60);
        junction.runtime.limitEncodersTable(60);
        hold(1, 5);
        junction.runtime.headers(1, true, OK, "c: d");
        otherCall(3);
        junction.runtime.headers(3, true, STATUS_OK, "c: d");
        assertThat(junction.client.next().fields()).containsExactlyInAnyOrder(STATUS_OK, "c: d");
        deciding.decideNext(new Answer(letters(5)));
        expectClient("WINDOW_UPDATE(10)@0", "HEADERS[:status: 200, content-type: application/grpc]@1", "DATA(10)@1");
        assertThat(junction.client.next().fields()).containsExactly(STATUS_OK);
    }

    // ---- Credit

    @Test
    void creditIsWholeAfterAnAnswerThatTheClientBreaksOff() throws Exception {
        start(new int[] {Frames.SETTINGS_INITIAL_WINDOW_SIZE, 10}, new int[0]);
        hold(1, 5);
        deciding.decideNext(new Answer(letters(100)));
        expectClient("WINDOW_UPDATE(10)@0", "HEADERS[:status: 200, content-type: application/grpc]@1", "DATA(10)@1");
        junction.client.send(Frames.rstStream(1, Frames.CANCEL), Frames.windowUpdate(0, 10));
        expectRuntime("RST_STREAM(8)@1");
        otherCall(3);
        junction.runtime.headers(3, false, OK, GRPC);
        junction.runtime.data(3, false, new byte[10]);
        junction.client.next();
        expectClient("DATA(10)@3");
        junction.client.send(Frames.windowUpdate(0, 10));
        expectRuntime("WINDOW_UPDATE(10)@0");
    }

    @Test
    void creditIsWholeAfterADeadlineInTheMiddleOfAMessage() throws Exception {
        start(new int[0], new int[0]);
        junction.client.headers(1, false, POST, HELD, "grpc-timeout: 200m");
        junction.client.data(1, false, Arrays.copyOf(message(1_000), 300));
        expectClient("WINDOW_UPDATE(300)@0");
        assertThat(junction.client.next().fields()).contains("grpc-status: 4");
        expectClient("RST_STREAM(0)@1");
        // What the client had sent before it knew is dropped, and costs nothing either.
        junction.client.data(1, true, new byte[705]);
        expectClient("WINDOW_UPDATE(705)@0");
    }

    @Test
    void creditIsWholeAfterAFrameThatIsTooLongInTheMiddleOfAMessage() throws Exception {
        start(new int[0], new int[0]);
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, Arrays.copyOf(message(20_000), 300));
        junction.client.data(1, false, new byte[Frames.MAX_PAYLOAD + 1]);
        expectClient("WINDOW_UPDATE(" + (300 + Frames.MAX_PAYLOAD + 1) + ")@0", "RST_STREAM(6)@1");
    }

    @Test
    void whatIsDroppedTakesNoRoomFromOthersWhileALargeMessageWaits() throws Exception {
        start(new int[0], new int[0]);
        byte[] message = message(70_000);
        junction.client.headers(1, false, POST, HELD);
        for (int at = 0; at < message.length; at += 16_000) {
            int to = Math.min(message.length, at + 16_000);
            junction.client.data(1, to == message.length, Arrays.copyOfRange(message, at, to));
        }
        deciding.nextCall();
        // Room for the message, then for others.
        expectClient("WINDOW_UPDATE(4470)@1", "WINDOW_UPDATE(4470)@0", "WINDOW_UPDATE(43530)@0");
        junction.client.headers(3, false, POST, HELD, "grpc-timeout: 0S");
        assertThat(junction.client.next().fields()).contains("grpc-status: 4");
        expectClient("RST_STREAM(0)@3");
        // 43,530 bytes are left to it before this, more waits than the runtime takes, and others must still get
        // through.
        junction.client.data(3, false, new byte[16_000]);
        expectClient("WINDOW_UPDATE(38005)@0");
    }

    @Test
    void aWindowThatShrinksWhileAMessageIsCollectedIsMadeUpFor() throws Exception {
        start(new int[0], new int[] {Frames.SETTINGS_INITIAL_WINDOW_SIZE, 100});
        byte[] message = message(90);
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, Arrays.copyOf(message, 20));
        junction.runtime.next();
        junction.runtime.send(Frames.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 15));
        expectClient("SETTINGS@0");
        junction.client.send(Frames.settingsAck());
        // 100 - 20 are left, then 85 less; 75 are lacking.
        expectClient("WINDOW_UPDATE(80)@1");
        junction.client.data(1, true, Arrays.copyOfRange(message, 20, message.length));
        deciding.nextCall();
        deciding.decideNext(new Forward(Outcome.NONE));
        expectRuntime("SETTINGS@0", "DATA(15)@1");
        junction.runtime.send(Frames.windowUpdate(1, 80));
        expectRuntime("DATA(80)@1 END");
    }

    @Test
    void othersDoNotStarveAMessageThatIsCollected() throws Exception {
        start(new int[0], new int[0]);
        byte[] message = message(100_000);
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, Arrays.copyOf(message, 16_384));
        expectClient("WINDOW_UPDATE(34470)@1", "WINDOW_UPDATE(34470)@0");
        junction.client.headers(3, false, POST, OTHER);
        junction.client.data(3, false, new byte[16_384]);
        expectClient("WINDOW_UPDATE(16384)@0");
    }

    @Test
    void whatWasSentBeforeAWindowShrankArrivesBeforeTheAcknowledgement() throws Exception {
        start(new int[0], new int[0]);
        hold(1, 995);
        deciding.decideNext(new Replace(letters(29_995), Outcome.NONE));
        expectRuntime("DATA(16384)@1", "DATA(13616)@1 END");
        // The runtime has room for 35535 bytes, and the client believes in 64535.
        junction.client.headers(3, false, POST, OTHER);
        for (int i = 0; i < 4; i++) {
            junction.client.data(3, false, new byte[10_000]);
        }
        junction.runtime.next();
        expectRuntime("DATA(10000)@3", "DATA(10000)@3", "DATA(10000)@3", "DATA(5535)@3");
        junction.runtime.send(Frames.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 100));
        expectClient("SETTINGS@0");
        junction.client.send(Frames.settingsAck(), Frames.windowUpdate(3, 77));
        junction.runtime.send(Frames.windowUpdate(0, 4_000));
        expectRuntime("DATA(4000)@3");
        junction.runtime.send(Frames.windowUpdate(0, 65_535));
        expectRuntime("DATA(465)@3", "SETTINGS@0", "WINDOW_UPDATE(77)@3");
    }

    @Test
    void whatCannotGoAnyMoreHoldsUpNothing() throws Exception {
        start(new int[0], new int[0]);
        hold(1, 995);
        deciding.decideNext(new Replace(letters(65_530), Outcome.NONE));
        expectRuntime("DATA(16384)@1", "DATA(16384)@1", "DATA(16384)@1", "DATA(16383)@1 END");
        junction.client.headers(3, false, POST, OTHER);
        junction.client.data(3, false, new byte[10]);
        junction.runtime.next();
        junction.runtime.send(Frames.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 100));
        expectClient("SETTINGS@0");
        junction.client.send(Frames.settingsAck());
        // From here on the runtime opens no window.
        junction.runtime.shutdownOutput();
        expectRuntime("SETTINGS@0");
    }

    @Test
    void aStreamThatWasGrantedMoreThanTheRuntimeTakesWaits() throws Exception {
        start(new int[0], new int[] {Frames.SETTINGS_INITIAL_WINDOW_SIZE, 10});
        byte[] message = message(35);
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, Arrays.copyOf(message, 10));
        expectClient("WINDOW_UPDATE(30)@1");
        junction.client.data(1, false, Arrays.copyOfRange(message, 10, message.length));
        junction.runtime.next();
        deciding.decideNext(new Forward(Outcome.NONE));
        expectRuntime("DATA(10)@1");
        // A large new window lets all go, a small one takes it back: the client's has room left, the runtime's has not.
        junction.runtime.send(Frames.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 1_000));
        expectClient("SETTINGS@0");
        junction.client.send(Frames.settingsAck());
        expectRuntime("SETTINGS@0", "DATA(30)@1");
        junction.runtime.send(Frames.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 20));
        expectClient("SETTINGS@0");
        junction.client.send(Frames.settingsAck());
        junction.client.data(1, true, new byte[5]);
        expectRuntime("SETTINGS@0");
        junction.runtime.send(Frames.windowUpdate(1, 30));
        expectRuntime("DATA(5)@1 END");
    }

    @Test
    void paddingOfAReplyThatWaitsCostsTheClientWhatItCostTheRuntime() throws Exception {
        start(new int[0], new int[0]);
        hold(1, 5);
        byte[] padded = new byte[1 + 10 + 40];
        padded[0] = 40;
        System.arraycopy(message(5), 0, padded, 1, 10);
        junction.runtime.headers(1, false, OK, GRPC);
        junction.runtime.send(Peer.frame(Frames.DATA, Frames.PADDED, 1, padded));
        junction.runtime.headers(1, true, STATUS_OK);
        junction.runtime.send(Peer.frame(Frames.PING, 0, 0, new byte[8]));
        expectClient("PING@0");
        deciding.decideNext(new Forward(Outcome.NONE));
        assertThat(junction.client.next().fields()).containsExactlyInAnyOrder(OK, GRPC);
        Frame data = junction.client.next();
        Frame padding = junction.client.next();
        assertThat(data.toString()).isEqualTo("DATA(10)@1");
        assertThat(padding.toString()).isEqualTo("DATA(41)@1");
        assertThat(padding.flags()).isEqualTo(Frames.PADDED);
        assertThat(padding.payload().get(0)).isEqualTo((byte) 40);
        assertThat(junction.client.next().fields()).containsExactly(STATUS_OK);
    }

    @Test
    void aRuntimeThatAnswersWithoutWaitingIsSentNoMore() throws Exception {
        start(new int[0], new int[] {Frames.SETTINGS_INITIAL_WINDOW_SIZE, 10});
        byte[] message = message(60_000);
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, Arrays.copyOf(message, 10));
        junction.runtime.next();
        expectClient("WINDOW_UPDATE(59995)@1");
        for (int at = 10; at < message.length; at += 16_384) {
            int to = Math.min(message.length, at + 16_384);
            junction.client.data(1, to == message.length, Arrays.copyOfRange(message, at, to));
        }
        deciding.nextCall();
        deciding.decideNext(new Forward(Outcome.NONE));
        expectRuntime("DATA(10)@1");
        junction.runtime.headers(1, true, OK, GRPC, "grpc-status: 13");
        expectRuntime("RST_STREAM(8)@1");
        int granted = 0;
        Frame frame = junction.client.next();
        for (; frame.type() == Frames.WINDOW_UPDATE; frame = junction.client.next()) {
            granted += frame.stream() == 0 ? frame.number() : 0;
        }
        assertThat(frame.fields()).contains("grpc-status: 13");
        assertThat(granted).as("credit for what the runtime will not see").isEqualTo(message.length - 10);
        otherCall(3);
    }

    // ---- Ends

    @Test
    void nothingFollowsOurOwnReset() throws Exception {
        TapOptions small = new TapOptions(Duration.ofSeconds(20), 100, 1 << 20, Duration.ofSeconds(20));
        start(small, new int[0], new int[0]);
        byte[] message = message(200);
        junction.client.headers(1, false, POST, HELD);
        junction.client.data(1, false, Arrays.copyOf(message, 50));
        junction.runtime.next();
        expectRuntime("RST_STREAM(8)@1");
        expectClient("WINDOW_UPDATE(50)@0");
        assertThat(junction.client.next().fields()).contains("grpc-status: 8");
        expectClient("RST_STREAM(0)@1");
        junction.runtime.send(Frames.rstStream(1, Frames.CANCEL));
        junction.client.data(1, true, Arrays.copyOfRange(message, 50, message.length));
        expectClient("WINDOW_UPDATE(155)@0");
        junction.client.send(Frames.windowUpdate(1, 9), Frames.rstStream(1, Frames.CANCEL));
        otherCall(3);
    }

    @Test
    void aPeerThatEndsWithinAFrameEndsTheOtherOnesInput() throws Exception {
        start(new int[0], new int[0]);
        junction.client.headersAlone(1, false, POST, HELD);
        junction.client.data(1, true, message(5));
        deciding.nextCall();
        byte[] whole = Peer.frame(Frames.PING + 100, 0, 0, new byte[100]);
        junction.client.send(Arrays.copyOf(whole, 30));
        assertThat(junction.runtime.next().stream()).isEqualTo(1);
        assertThat(junction.runtime.bytes(30)).isEqualTo(Arrays.copyOf(whole, 30));
        // What is decided now waits for the end of a frame that never comes.
        deciding.decideNext(new Forward(Outcome.NONE));
        junction.client.shutdownOutput();
        assertThat(junction.runtime.atEnd()).isTrue();
    }
}
