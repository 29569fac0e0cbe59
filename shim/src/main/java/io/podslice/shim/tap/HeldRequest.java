package io.podslice.shim.tap;

import io.podslice.grpc.GrpcStatus;
import io.podslice.shim.tap.Decision.AnswerLater;
import io.podslice.shim.tap.Decision.Fail;
import io.podslice.shim.tap.Decision.Forward;
import io.podslice.shim.tap.Decision.LateReply;
import io.podslice.shim.tap.Decision.Relay;
import io.podslice.shim.tap.Decision.Replace;
import io.podslice.shim.tap.Decision.Reply;
import io.podslice.shim.tap.Outflow.Gate;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A call whose request is held until it is decided. */
final class HeldRequest extends Call {
    private static final Logger LOG = LoggerFactory.getLogger(HeldRequest.class);

    private enum State {
        /** The message is not whole. */
        COLLECTING,
        /** The message is whole, and waits for memory. */
        WAITING,
        /** The handler decides. */
        DECIDING,
        /** The runtime's side is reset, and the handler finds an answer. */
        ANSWERING,
        /** The request goes on. */
        GONE_ON,
        /** The runtime has answered, and the handler is told before the client is. */
        FINISHING,
        /** Answered, cancelled or done. */
        OVER
    }

    /** Has the message; null before it is whole, and once nothing more is done with it. */
    private @Nullable Deliberation deliberation;

    private final Held handler;
    private final OutcomeTeller teller;
    private State state = State.COLLECTING;
    private final MessageRoom room;
    private final RequestLine line;
    private boolean responseEnded;
    private Outcome outcome = Outcome.NONE;

    /** @param timeout the time that the client waits from now on; null: for ever */
    HeldRequest(Connection connection, int id, HeaderFields head, Held handler, @Nullable Duration timeout) {
        super(connection, id, head);
        this.line = new RequestLine(this);
        this.room = new MessageRoom(this, timeout, this::granted, this::expired);
        this.handler = handler;
        this.teller = new OutcomeTeller(path);
        connection.credit.collects(1);
        stream.toRuntime.hold();
        stream.toClient.hold();
    }

    private void become(State next) {
        if (state == State.COLLECTING) {
            connection.credit.collects(-1);
        }
        state = next;
        if (next == State.WAITING) {
            room.slowsNoLonger();
        } else {
            room.isAtHand();
        }
    }

    // ---- What the client sends

    @Override
    boolean requestData(ByteBuffer buffer, int from, int to, int flow, boolean end) {
        if (state != State.COLLECTING) {
            return false;
        }
        line.window().take(flow, to - from);
        connection.toRuntime.window.take(flow, to - from);
        connection.credit.settle(connection.toRuntime, stream);
        int at = collect(buffer, from, to);
        GrpcStatus refusal = room.take(at - from);
        if (refusal != null || end || requestWhole()) {
            line.addCollected(buffer, at, to, end);
        }
        if (refusal != null) {
            answer(new Fail(refusal));
        } else if (requestWhole()) {
            become(State.WAITING);
            decideWhereThereIsRoom();
        } else if (end) {
            // Half a message cannot be decided on: the runtime answers it.
            goOn(Outcome.NONE);
        } else {
            room.isAwaited();
        }
        connection.credit.makeRoom();
        return true;
    }

    /** A runtime may take a frame longer than it allows, and would then act on a message that was not decided on. */
    @Override
    boolean refusesFrame(int flow) {
        if (state != State.COLLECTING) {
            return false;
        }
        connection.toRuntime.window.take(flow, 0);
        line.addCollected();
        resetRuntime();
        become(State.OVER);
        doneWithRequest();
        stream.toClient.queue.add(Direction.FRAME_TOO_LONG);
        connection.release(connection.toClient, stream);
        return true;
    }

    @Override
    long lacks() {
        return state == State.COLLECTING && !room.waits() ? requestLacks() : 0;
    }

    /** Called without the lock when there is memory for the message. */
    private void granted() {
        connection.lock.lock();
        try {
            if (state == State.COLLECTING && room.look()) {
                connection.credit.makeRoom();
            } else if (state == State.WAITING) {
                decideWhereThereIsRoom();
            }
        } finally {
            connection.lock.unlock();
        }
        connection.flushNow();
    }

    private void decideWhereThereIsRoom() {
        if (room.look()) {
            become(State.DECIDING);
            deliberation = new Deliberation(this, handler, this::apply);
            deliberation.begin();
        } else {
            room.isAwaited();
        }
    }

    private void expired() {
        connection.lock.lock();
        try {
            if (state == State.COLLECTING) {
                line.addCollected();
            }
            if (state == State.COLLECTING || state == State.WAITING) {
                answer(new Fail(GrpcStatus.expired()));
            }
        } finally {
            connection.lock.unlock();
        }
        connection.flushNow();
    }

    @Override
    void requestTrailers() {
        if (state == State.COLLECTING) {
            line.addCollected();
            goOn(Outcome.NONE);
        }
    }

    // ---- The decision

    /** Acts on the decision; that of a call that is gone by now is told that the call has failed. */
    private void apply(Decision decision) {
        LateReply late = null;
        boolean counts;
        connection.lock.lock();
        try {
            counts = state == State.DECIDING;
            if (counts) {
                late = act(decision);
            } else {
                doneWithRequest();
            }
        } catch (RuntimeException e) {
            LOG.error("{}: what was decided cannot be done", path, e);
            takeOutcome();
            counts = false;
            connection.closeSoon();
        } finally {
            connection.lock.unlock();
        }
        connection.flushNow();
        if (!counts) {
            teller.failed(decision.outcome());
            if (decision instanceof AnswerLater(LateReply reply)) {
                teller.dropped(reply);
            }
        } else if (late != null) {
            answerLate(late);
        }
    }

    private @Nullable LateReply act(Decision decision) {
        LateReply late = null;
        switch (decision) {
            case Forward(Outcome then) -> goOn(then);
            case Replace(ByteBuffer replacement, Outcome then) -> {
                line.replace(replacement);
                goOn(then);
            }
            case AnswerLater(LateReply reply) -> {
                resetRuntime();
                become(State.ANSWERING);
                late = reply;
            }
            case Reply reply -> answer(reply);
        }
        return late;
    }

    private void goOn(Outcome then) {
        become(State.GONE_ON);
        becomeFinal();
        outcome = then;
        connection.credit.settle(connection.toRuntime, stream);
        if (stream.runtimeReset) {
            stream.toRuntime.gate = Gate.PASS;
            connection.discard(connection.toRuntime, stream);
            doneWithRequest();
        } else {
            connection.release(connection.toRuntime, stream);
        }
        if (responseEnded) {
            finish();
        } else {
            connection.release(connection.toClient, stream);
        }
    }

    @Override
    void requestSent() {
        if (state != State.DECIDING && state != State.ANSWERING) {
            doneWithRequest();
        }
        if (state == State.GONE_ON && needsNothingMore()) {
            become(State.OVER);
        }
    }

    /** Tells whether the rest of the call can pass unseen: the runtime has the whole request, and nothing follows from the reply. */
    private boolean needsNothingMore() {
        return outcome.equals(Outcome.NONE)
                && stream.requestEnded
                && stream.toRuntime.queue.isEmpty()
                && stream.toClient.queue.isEmpty();
    }

    /** Notes that the call cannot be cancelled any more: it is passed on or answered. */
    private void becomeFinal() {
        if (deliberation != null) {
            deliberation.close();
        }
    }

    /** Lets the message go: it has been sent, or nothing more is done with it. */
    private void doneWithRequest() {
        room.release();
        deliberation = null;
    }

    /** Answers at once a call whose head no server takes. */
    void reject(Relay rejection) {
        answer(rejection);
    }

    private void answer(Reply reply) {
        resetRuntime();
        send(reply);
        doneWithRequest();
    }

    private void resetRuntime() {
        connection.answered(stream);
        stream.toRuntime.gate = Gate.DROP;
        connection.discard(connection.toRuntime, stream);
        stream.toClient.gate = Gate.DROP;
        connection.discard(connection.toClient, stream);
        if (!stream.runtimeReset) {
            connection.cancelInRuntime(stream);
        }
    }

    private void send(Reply reply) {
        become(State.OVER);
        becomeFinal();
        Replies.queue(connection, stream, reply);
        connection.release(connection.toClient, stream);
    }

    private void answerLate(LateReply late) {
        Reply reply;
        try {
            reply = late.get();
        } catch (Exception e) {
            LOG.error("{}: no answer could be found", path, e);
            reply = new Fail(new GrpcStatus(GrpcStatus.INTERNAL, "podslice failed: " + e));
        }
        connection.lock.lock();
        try {
            if (state == State.ANSWERING) {
                send(reply);
            }
            doneWithRequest();
        } finally {
            connection.lock.unlock();
        }
        connection.flushSoon();
    }

    // ---- The end

    @Override
    void responseEnded() {
        responseEnded = true;
        if (state == State.GONE_ON) {
            finish();
        }
    }

    private void finish() {
        if (!stream.runtimeReset && !stream.toRuntime.queue.isEmpty()) {
            connection.breakOffRequest(stream);
        }
        doneWithRequest();
        Outcome then = takeOutcome();
        if (then.equals(Outcome.NONE)) {
            become(State.OVER);
            connection.release(connection.toClient, stream);
            return;
        }
        become(State.FINISHING);
        stream.toClient.hold();
        Message reply = responseOk() ? responseMessage() : null;
        Bounded.run(
                "finish " + path, connection.options.decisionBudget(), () -> teller.ended(then, reply), this::finished);
    }

    private void finished() {
        connection.lock.lock();
        try {
            become(State.OVER);
            connection.release(connection.toClient, stream);
        } finally {
            connection.lock.unlock();
        }
        connection.flushSoon();
    }

    private Outcome takeOutcome() {
        Outcome then = outcome;
        outcome = Outcome.NONE;
        return then;
    }

    @Override
    void cancelled() {
        gone();
    }

    @Override
    void gone() {
        if (state == State.COLLECTING) {
            line.addCollected();
        }
        if (state == State.DECIDING || state == State.ANSWERING) {
            // The handler has the message until it has decided, or found its answer.
            if (deliberation != null) {
                deliberation.cancel();
            }
        } else {
            doneWithRequest();
        }
        if (state != State.FINISHING) {
            become(State.OVER);
        }
        Outcome then = takeOutcome();
        if (!then.equals(Outcome.NONE)) {
            Thread.ofVirtual().name("failed " + path).start(() -> teller.failed(then));
        }
    }

    @Override
    void clientEnded() {
        if (state == State.COLLECTING) {
            gone();
        }
    }

    @Override
    boolean finishing() {
        return state == State.FINISHING;
    }

    @Override
    boolean over() {
        return state == State.OVER;
    }
}
