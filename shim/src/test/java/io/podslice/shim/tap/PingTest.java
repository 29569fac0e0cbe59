package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import io.podslice.shim.tap.Decision.Answer;
import io.podslice.shim.tap.Decision.AnswerLater;
import io.podslice.shim.tap.Decision.Fail;
import io.podslice.shim.tap.Decision.Forward;
import io.podslice.shim.tap.Decision.LateReply;
import io.podslice.shim.tap.Decision.Reply;
import io.podslice.shim.tap.Peer.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PINGs are answered where they were provoked: a runtime that counts strikes counts none for frames of the tap's. */
class PingTest {
    private static final String HELD = ":path: " + Deciding.PATH;
    private static final String OTHER = ":path: /s/Other";
    private static final String POST = ":method: POST";
    private static final String OK = ":status: 200";
    private static final String GRPC = "content-type: application/grpc";
    private static final String STATUS_OK = "grpc-status: 0";

    /** The PING by which grpc-go measures bandwidth. */
    private static final long BANDWIDTH = 0x02_04_10_10_09_0e_07_07L;

    private static final long KEEPALIVE = 0;

    private final Deciding deciding = new Deciding();

    @SuppressWarnings("NullAway.Init")
    private Junction junction;

    @BeforeEach
    void start() throws Exception {
        junction = new Junction(Map.of(Deciding.PATH, deciding)).started();
    }

    @AfterEach
    void stop() throws Exception {
        junction.close();
        junction.tapping.join();
    }

    private static void ping(Peer from, long opaque) throws Exception {
        byte[] payload = ByteBuffer.allocate(Long.BYTES).putLong(opaque).array();
        from.send(Peer.frame(Frames.PING, 0, 0, payload));
    }

    private static void acknowledge(Peer from, long opaque) throws Exception {
        from.send(Frames.pingAck(opaque));
    }

    /** The next frame that is not about credit. */
    private static Frame next(Peer peer) throws Exception {
        Frame frame = peer.next();
        while (frame.type() == Frames.WINDOW_UPDATE) {
            frame = peer.next();
        }
        return frame;
    }

    private static void expectPing(Peer at, int flags, long opaque) throws Exception {
        Frame frame = next(at);
        assertThat(frame.toString()).isEqualTo("PING@0");
        assertThat(frame.flags()).isEqualTo(flags);
        assertThat(frame.payload().getLong(0)).isEqualTo(opaque);
    }

    private static byte[] message(String text) {
        return MessageReader.framed(buffer(text));
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private void call(int stream) throws Exception {
        junction.client.headers(stream, false, POST, HELD);
        junction.client.data(stream, true, message("hello"));
        assertThat(next(junction.runtime).toString()).startsWith("HEADERS").endsWith("@" + stream);
    }

    /** A call that the tap answers; the runtime sees it begin and end, and nothing else. */
    private void answered(int stream) throws Exception {
        deciding.decideNext(new Answer(buffer("own")));
        call(stream);
        expectReply(stream);
        assertThat(next(junction.runtime).toString()).isEqualTo("RST_STREAM(8)@" + stream);
    }

    private void expectReply(int stream) throws Exception {
        assertThat(next(junction.client).toString()).startsWith("HEADERS").endsWith("@" + stream);
        assertThat(next(junction.client).toString()).startsWith("DATA").endsWith("@" + stream);
        assertThat(next(junction.client).toString()).isEqualTo("HEADERS[grpc-status: 0]@" + stream + " END");
    }

    private void replies(int stream) throws Exception {
        junction.runtime.headers(stream, false, OK, GRPC);
        junction.runtime.data(stream, false, message("reply"));
        junction.runtime.headers(stream, true, STATUS_OK);
    }

    /** A call that passes there and back. */
    private void passing(int stream) throws Exception {
        junction.client.headers(stream, false, POST, OTHER);
        junction.client.data(stream, true, message("other"));
        assertThat(next(junction.runtime).toString()).isEqualTo("HEADERS[:method: POST, " + OTHER + "]@" + stream);
        assertThat(next(junction.runtime).toString()).startsWith("DATA");
        replies(stream);
        expectReply(stream);
    }

    private void passes(long opaque) throws Exception {
        ping(junction.client, opaque);
        expectPing(junction.runtime, 0, opaque);
        acknowledge(junction.runtime, opaque);
        expectPing(junction.client, Frames.ACK, opaque);
    }

    private void isAnsweredHere(long opaque) throws Exception {
        ping(junction.client, opaque);
        expectPing(junction.client, Frames.ACK, opaque);
    }

    @Test
    void aPingAfterAnAnswerOfTheTapsIsAnsweredByTheTap() throws Exception {
        for (int i = 0; i < 10; i++) {
            answered(2 * i + 1);
            isAnsweredHere(BANDWIDTH);
        }
        // The runtime sees the next call and none of the ten PINGs.
        passing(21);
        passes(BANDWIDTH);
    }

    @Test
    void aPingAfterARefusalIsAnsweredByTheTap() throws Exception {
        deciding.decideNext(new Fail(new GrpcStatus(GrpcStatus.INVALID_ARGUMENT, "no")));
        call(1);
        assertThat(next(junction.client).toString()).contains("grpc-status: 3");
        isAnsweredHere(BANDWIDTH);
        assertThat(next(junction.runtime).toString()).isEqualTo("RST_STREAM(8)@1");
        passing(3);
    }

    @Test
    void aPingAfterAReplyThatWaitedHereIsAnsweredByTheTap() throws Exception {
        deciding.decideNext(new Forward(deciding.outcome()));
        call(1);
        assertThat(next(junction.runtime).toString()).isEqualTo("DATA(10)@1 END");
        junction.runtime.headers(1, false, OK, GRPC);
        // While the call waits for its decision's outcome a keepalive uses up what the reply allows at the runtime.
        junction.runtime.data(1, false, message("reply"));
        junction.runtime.headers(1, true, STATUS_OK);
        assertThat(deciding.nextOutcome()).isEqualTo("succeeded reply");
        expectReply(1);
        isAnsweredHere(BANDWIDTH);
        passing(3);
    }

    /** The runtime's own frame came last: the strike counter of the runtime starts anew with it. */
    @Test
    void aPingAfterAFrameOfTheRuntimesPassesAgain() throws Exception {
        answered(1);
        passing(3);
        passes(BANDWIDTH);
    }

    @Test
    void aPingThatNothingOfTheTapsProvokedPasses() throws Exception {
        passes(KEEPALIVE);
        passes(KEEPALIVE);
        passing(1);
        passes(BANDWIDTH);
        passes(KEEPALIVE);
        passes(KEEPALIVE);
    }

    @Test
    void keepalivesBetweenAnswersOfTheTapsCostNoStrikesButReachTheRuntimeAgain() throws Exception {
        int strikes = -1; // the first PING of all costs nothing
        for (int i = 0; i < 10; i++) {
            answered(2 * i + 1);
            for (int k = 0; k < 3; k++) {
                ping(junction.client, k);
            }
            for (int k = 0; k < 3; k++) {
                // Those that pass are acknowledged by the runtime; the marker call tells which these were.
                if (i == 0 && k > 0) {
                    expectPing(junction.runtime, 0, k);
                    acknowledge(junction.runtime, k);
                    strikes++;
                }
                expectPing(junction.client, Frames.ACK, k);
            }
        }
        assertThat(strikes).isLessThan(3);
        // Later runs were answered here: the runtime's next frame is that of this call. A longer run reaches it.
        passing(21);
        answered(23);
        isAnsweredHere(BANDWIDTH);
        passes(KEEPALIVE);
    }

    @Test
    void acknowledgementsKeepTheOrderOfThePings() throws Exception {
        ping(junction.client, 1);
        expectPing(junction.runtime, 0, 1);
        answered(1);
        ping(junction.client, 2);
        answered(3);
        acknowledge(junction.runtime, 1);
        expectPing(junction.client, Frames.ACK, 1);
        expectPing(junction.client, Frames.ACK, 2);
    }

    @Test
    void pingsDuringACallThatTheRuntimeKnowsNothingOfAreAnsweredByTheTap() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        deciding.decideNext(new AnswerLater(new LateReply() {
            @Override
            public Reply get() throws InterruptedException {
                answer.await();
                return new Answer(buffer("late"));
            }

            @Override
            public void dropped() {}
        }));
        call(1);
        assertThat(next(junction.runtime).toString()).isEqualTo("RST_STREAM(8)@1");
        for (int i = 0; i < 5; i++) {
            isAnsweredHere(KEEPALIVE);
        }
        answer.countDown();
        expectReply(1);
        isAnsweredHere(BANDWIDTH);
        passing(3);
    }

    @Test
    void aPingOfTheRuntimesAfterAHeldRequestIsAnsweredByTheTap() throws Exception {
        deciding.decideNext(new Forward());
        call(1);
        assertThat(next(junction.runtime).toString()).isEqualTo("DATA(10)@1 END");
        ping(junction.runtime, BANDWIDTH);
        expectPing(junction.runtime, Frames.ACK, BANDWIDTH);
        ping(junction.runtime, KEEPALIVE);
        expectPing(junction.client, 0, KEEPALIVE);
        acknowledge(junction.client, KEEPALIVE);
        expectPing(junction.runtime, Frames.ACK, KEEPALIVE);
    }

    @Test
    void aRuntimeThatGoesAwayIsAnsweredByTheClient() throws Exception {
        deciding.decideNext(new Forward());
        call(1);
        assertThat(next(junction.runtime).toString()).isEqualTo("DATA(10)@1 END");
        byte[] goAway = ByteBuffer.allocate(8).putInt(Integer.MAX_VALUE).array();
        junction.runtime.send(Peer.frame(Frames.GOAWAY, 0, 0, goAway));
        ping(junction.runtime, BANDWIDTH);
        assertThat(next(junction.client).toString()).isEqualTo("GOAWAY@0");
        expectPing(junction.client, 0, BANDWIDTH);
    }

    /** One that went with the bytes around it could be overtaken by the next acknowledgement of the tap's own. */
    @Test
    void anAcknowledgementGoesInLineThoughNothingOfTheTapsHasGoneYet() {
        PingLedger ledger = new PingLedger();
        ledger.passed(1);

        assertThat(ledger.awaits(1)).isTrue();
        assertThat(ledger.awaits(2)).as("one that was not asked for").isFalse();
        assertThat(ledger.acknowledged(1)).isEmpty();
        assertThat(ledger.awaits(1)).isFalse();
    }

    @Test
    void aFloodOfPingsIsNotKeptHere() {
        PingLedger ledger = new PingLedger();
        ledger.passed(0);
        ledger.sendsOwn();
        int kept = 0;
        for (int i = 1; i <= 100_000; i++) {
            if (ledger.answersNext(true)) {
                assertThat(ledger.answered(i))
                        .as("waits for the one that passed")
                        .isFalse();
                kept++;
            } else {
                ledger.passed(i);
            }
        }
        assertThat(kept).isLessThan(100);
        assertThat(ledger.acknowledged(0)).hasSize(kept);
        assertThat(ledger.answersNext(true)).as("while others are on their way").isFalse();
        for (int i = kept + 1; i <= 100_000; i++) {
            ledger.acknowledged(i);
        }
        assertThat(ledger.answersNext(true)).isTrue();
        assertThat(ledger.answered(-1)).isTrue();
    }
}
