package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import io.podslice.shim.tap.Decision.Answer;
import io.podslice.shim.tap.Decision.AnswerLater;
import io.podslice.shim.tap.Decision.Forward;
import io.podslice.shim.tap.Decision.LateReply;
import io.podslice.shim.tap.Decision.Reply;
import io.podslice.shim.tap.Peer.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static final String POST = ":method: POST";
    private static final String OK = ":status: 200";
    private static final String STATUS_OK = "grpc-status: 0";
    private static final String OBSERVED = "/s/Observed";

    private final Deciding deciding = new Deciding();
    private final LinkedBlockingQueue<String> observed = new LinkedBlockingQueue<>();
    private final CountDownLatch observerMayReturn = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init")
    private Junction junction;

    private void start() throws Exception {
        start(TapOptions.defaults());
    }

    private void start(TapOptions options) throws Exception {
        Observed observer = (request, reply) -> {
            observed.add(text(request) + " -> " + text(reply));
            observerMayReturn.await();
        };
        junction = new Junction(Map.of(Deciding.PATH, deciding, OBSERVED, observer), options).started();
    }

    private static TapOptions budget(int millis) {
        return new TapOptions(Duration.ofMillis(millis), 1 << 20, 1 << 20, Duration.ofSeconds(20));
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

    private void call(int stream, String path, String text) throws Exception {
        junction.client.headers(stream, false, POST, ":path: " + path);
        junction.client.data(stream, true, message(text));
        assertThat(junction.runtime.next().stream()).isEqualTo(stream);
    }

    /** A held call that goes on, up to the runtime's having it. */
    private void goOn(int stream, Outcome outcome) throws Exception {
        call(stream, Deciding.PATH, "hello");
        deciding.nextCall();
        deciding.decideNext(new Forward(outcome));
        assertThat(junction.runtime.next().ends()).isTrue();
    }

    private void otherCall(int stream) throws Exception {
        call(stream, "/s/Other", "other");
        assertThat(junction.runtime.next().ends()).isTrue();
        junction.runtime.headers(stream, true, OK, "x-call: " + stream);
        Frame reply = junction.client.next();
        assertThat(reply.fields()).contains("x-call: " + stream);
        assertThat(reply.stream()).isEqualTo(stream);
    }

    @Test
    void theClientSeesTheEndOnlyAfterTheOutcomeIsToldAndOtherStreamsDoNotWait() throws Exception {
        start();
        CountDownLatch mayReturn = new CountDownLatch(1);
        Outcome told = deciding.outcome();
        goOn(1, new Outcome() {
            @Override
            public void succeeded(ByteBuffer reply) throws Exception {
                told.succeeded(reply);
                mayReturn.await();
            }

            @Override
            public void failed() throws Exception {
                told.failed();
            }
        });
        junction.runtime.headers(1, false, OK);
        junction.runtime.data(1, false, message("id"));
        // The block changes the runtime's table, and waits: from here on blocks are translated.
        junction.runtime.headers(1, true, STATUS_OK, "x-trailer: in the table");
        assertThat(deciding.nextOutcome()).isEqualTo("succeeded id");
        assertThat(junction.client.next().fields()).containsExactly(OK);
        assertThat(junction.client.next().toString()).isEqualTo("DATA(7)@1");
        otherCall(3);
        junction.runtime.send(Peer.frame(Frames.PING, 0, 0, new byte[8]));
        assertThat(junction.client.next().type()).isEqualTo(Frames.PING);
        mayReturn.countDown();
        Frame end = junction.client.next();
        assertThat(end.ends()).isTrue();
        assertThat(end.fields()).containsExactlyInAnyOrder(STATUS_OK, "x-trailer: in the table");
        otherCall(5);
    }

    @Test
    void anOutcomeThatTakesTooLongDoesNotHoldTheClientForEver() throws Exception {
        // The decision has to keep to the budget, on a busy machine too; the outcome does not.
        start(budget(2_000));
        goOn(1, new Outcome() {
            @Override
            public void succeeded(ByteBuffer reply) throws Exception {
                observerMayReturn.await();
            }

            @Override
            public void failed() {}
        });
        junction.runtime.headers(1, false, OK);
        junction.runtime.data(1, false, message("id"));
        junction.runtime.headers(1, true, STATUS_OK);
        junction.client.next();
        junction.client.next();
        assertThat(junction.client.next().ends()).isTrue();
        otherCall(3);
    }

    @Test
    void anErrorOfTheRuntimeIsAFailureToldBeforeTheClientSeesIt() throws Exception {
        start();
        goOn(1, deciding.outcome());
        junction.runtime.headers(1, true, OK, "grpc-status: 5");
        assertThat(junction.client.next().fields()).contains("grpc-status: 5");
        assertThat(deciding.outcomes.poll()).isEqualTo("failed");
    }

    @Test
    void anErrorAfterAMessageIsAFailure() throws Exception {
        start();
        goOn(1, deciding.outcome());
        junction.runtime.headers(1, false, OK);
        junction.runtime.data(1, false, message("id"));
        junction.runtime.headers(1, true, "grpc-status: 13");
        assertThat(deciding.nextOutcome()).isEqualTo("failed");
    }

    @Test
    void aResetOfTheRuntimeIsAFailure() throws Exception {
        start();
        goOn(1, deciding.outcome());
        junction.runtime.send(Frames.rstStream(1, 2));
        assertThat(junction.client.next().toString()).isEqualTo("RST_STREAM(2)@1");
        assertThat(deciding.outcomes.poll()).isEqualTo("failed");
        otherCall(3);
    }

    @Test
    void theRuntimesDeathIsAFailureAndTheClientSeesIt() throws Exception {
        start();
        goOn(1, deciding.outcome());
        junction.runtime.close();
        assertThat(deciding.nextOutcome()).isEqualTo("failed");
        assertThat(junction.client.atEnd()).isTrue();
    }

    @Test
    void theClientsDeathIsAFailure() throws Exception {
        start();
        goOn(1, deciding.outcome());
        junction.client.close();
        assertThat(junction.runtime.atEnd()).isTrue();
        junction.runtime.close();
        assertThat(deciding.nextOutcome()).isEqualTo("failed");
    }

    @Test
    void aReplyThatComesBeforeTheRuntimesDeathStillSucceeds() throws Exception {
        start();
        goOn(1, deciding.outcome());
        junction.runtime.headers(1, false, OK);
        junction.runtime.data(1, false, message("id"));
        junction.runtime.headers(1, true, STATUS_OK);
        junction.runtime.close();
        assertThat(deciding.nextOutcome()).isEqualTo("succeeded id");
        junction.client.next();
        junction.client.next();
        assertThat(junction.client.next().ends()).isTrue();
        assertThat(junction.client.atEnd()).isTrue();
    }

    @Test
    void aCallThatTheRuntimeSaysItNeverSawIsAFailure() throws Exception {
        start();
        goOn(1, deciding.outcome());
        call(3, Deciding.PATH, "late");
        deciding.nextCall();
        junction.runtime.send(Peer.frame(Frames.GOAWAY, 0, 0, new byte[] {0, 0, 0, 1, 0, 0, 0, 0}));
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(9)@0");
        assertThat(junction.client.next().type()).isEqualTo(Frames.GOAWAY);
        deciding.decideNext(new Forward(deciding.outcome()));
        assertThat(deciding.nextOutcome()).isEqualTo("failed");
        junction.runtime.headers(1, false, OK);
        junction.runtime.data(1, false, message("id"));
        junction.runtime.headers(1, true, STATUS_OK);
        assertThat(deciding.nextOutcome()).isEqualTo("succeeded id");
    }

    // ---- Cancelling

    @Test
    void cancellingAHeldCallCancelsItInTheRuntimeAndALateDecisionFails() throws Exception {
        start();
        call(1, Deciding.PATH, "hello");
        HeldCall call = deciding.nextCall();
        CountDownLatch cancelled = new CountDownLatch(1);
        call.onCancel(cancelled::countDown);
        junction.client.send(Frames.rstStream(1, 8));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        cancelled.await();
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        deciding.decideNext(new Forward(deciding.outcome()));
        assertThat(deciding.nextOutcome()).isEqualTo("failed");
        CountDownLatch atOnce = new CountDownLatch(1);
        call.onCancel(atOnce::countDown);
        atOnce.await();
        otherCall(3);
    }

    @Test
    void cancellingBeforeTheMessageIsWholeLeavesNothing() throws Exception {
        start();
        junction.client.headers(1, false, POST, ":path: " + Deciding.PATH);
        junction.client.data(1, false, new byte[] {0, 0, 0, 1, 0, 1, 2});
        junction.client.send(Frames.rstStream(1, 8));
        junction.runtime.next();
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(7)@0");
        otherCall(3);
    }

    @Test
    void cancellingACallThatWentOnIsAFailure() throws Exception {
        start();
        goOn(1, deciding.outcome());
        junction.client.send(Frames.rstStream(1, 8));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(deciding.nextOutcome()).isEqualTo("failed");
        // What was under way passes: the client knows that it has cancelled.
        junction.runtime.headers(1, false, OK);
        assertThat(junction.client.next().stream()).isEqualTo(1);
        otherCall(3);
    }

    @Test
    void cancellingWhileAnAnswerIsSoughtStopsTheSearchAndDoesNotReachTheRuntimeTwice() throws Exception {
        start();
        call(1, Deciding.PATH, "hello");
        HeldCall call = deciding.nextCall();
        CountDownLatch cancelled = new CountDownLatch(1);
        deciding.decideNext(new AnswerLater(new LateReply() {
            @Override
            public Reply get() throws InterruptedException {
                call.onCancel(cancelled::countDown);
                cancelled.await();
                return new Answer(buffer("too late"));
            }

            @Override
            public void dropped() {}
        }));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        junction.client.send(Frames.rstStream(1, 8));
        cancelled.await();
        otherCall(3);
    }

    @Test
    void anAnswerThatIsFoundLaterIsGiven() throws Exception {
        start();
        call(1, Deciding.PATH, "hello");
        deciding.decideNext(new AnswerLater(new LateReply() {
            @Override
            public Reply get() {
                return new Answer(buffer("found"));
            }

            @Override
            public void dropped() {}
        }));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().toString()).isEqualTo("WINDOW_UPDATE(10)@0");
        assertThat(junction.client.next().fields()).contains(OK);
        assertThat(junction.client.next().payload()).isEqualTo(ByteBuffer.wrap(message("found")));
        assertThat(junction.client.next().fields()).containsExactly(STATUS_OK);
    }

    @Test
    void anAnswerThatNoClientWaitsForIsDropped() throws Exception {
        start();
        call(1, Deciding.PATH, "hello");
        deciding.nextCall();
        junction.client.send(Frames.rstStream(1, 8));
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        CountDownLatch dropped = new CountDownLatch(1);
        deciding.decideNext(new AnswerLater(new LateReply() {
            @Override
            public Reply get() {
                throw new IllegalStateException("no client waits");
            }

            @Override
            public void dropped() {
                dropped.countDown();
            }
        }));
        dropped.await();
    }

    // ---- Faults

    @Test
    void aHandlerThatThrowsEndsTheCallWithAnError() throws Exception {
        Held broken = (call, answer) -> {
            throw new IllegalStateException("out of order");
        };
        junction = new Junction(Map.of(Deciding.PATH, broken)).started();
        call(1, Deciding.PATH, "hello");
        assertThat(junction.runtime.next().toString()).isEqualTo("RST_STREAM(8)@1");
        assertThat(junction.client.next().type()).isEqualTo(Frames.WINDOW_UPDATE);
        assertThat(junction.client.next().fields())
                .contains(
                        "grpc-status: 13",
                        "grpc-message: podslice failed: java.lang.IllegalStateException: out of order");
    }

    @Test
    void aHalfClosedClientStillGetsItsDecision() throws Exception {
        start();
        call(1, Deciding.PATH, "hello");
        deciding.nextCall();
        junction.client.shutdownOutput();
        deciding.decideNext(new Forward(deciding.outcome()));
        assertThat(junction.runtime.next().ends()).isTrue();
        assertThat(junction.runtime.atEnd()).isTrue();
        junction.runtime.headers(1, true, OK, "grpc-status: 1");
        assertThat(junction.client.next().fields()).contains("grpc-status: 1");
        assertThat(deciding.nextOutcome()).isEqualTo("failed");
    }

    // ---- Observing

    @Test
    void anObservedCallPassesAndIsReportedBeforeTheClientSeesItsEnd() throws Exception {
        start();
        call(1, OBSERVED, "stop");
        assertThat(junction.runtime.next().toString()).isEqualTo("DATA(9)@1 END");
        junction.runtime.headers(1, false, OK);
        junction.runtime.data(1, false, message("stopped"));
        junction.runtime.headers(1, true, STATUS_OK);
        assertThat(observed.take()).isEqualTo("stop -> stopped");
        assertThat(junction.client.next().fields()).containsExactly(OK);
        assertThat(junction.client.next().toString()).isEqualTo("DATA(12)@1");
        otherCall(3);
        observerMayReturn.countDown();
        assertThat(junction.client.next().fields()).containsExactly(STATUS_OK);
    }

    @Test
    void anObservedCallThatFailsIsNotReported() throws Exception {
        start();
        call(1, OBSERVED, "stop");
        junction.runtime.next();
        junction.runtime.headers(1, true, OK, "grpc-status: 5");
        assertThat(junction.client.next().fields()).contains("grpc-status: 5");
        assertThat(observed).isEmpty();
    }
}
