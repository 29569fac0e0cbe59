package io.podslice.shim.tap;

import io.podslice.shim.http2.Frames;
import io.podslice.shim.tap.Decision.AnswerLater;
import io.podslice.shim.tap.Decision.Fail;
import io.podslice.shim.tap.Decision.Forward;
import io.podslice.shim.tap.Decision.LateReply;
import io.podslice.shim.tap.Decision.Relay;
import io.podslice.shim.tap.Decision.Replace;
import io.podslice.shim.tap.Decision.Reply;
import io.podslice.shim.tap.Outflow.Gate;
import io.podslice.shim.tap.Outflow.Item;
import io.podslice.shim.tap.Outflow.Payload;
import io.podslice.shim.tap.Outflow.Reset;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A call whose request is held until it is decided. */
final class HeldRequest extends Call {
    private static final Logger LOG = LoggerFactory.getLogger(HeldRequest.class);

    private enum State {
        /** The message is not whole. */
        COLLECTING,
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

    private final Deliberation deliberation;
    private final OutcomeTeller teller;
    private State state = State.COLLECTING;
    private long reserved;
    private boolean responseEnded;
    private Outcome outcome = Outcome.NONE;

    HeldRequest(Connection connection, int id, HeaderFields head, Held handler) {
        super(connection, id, head);
        this.deliberation = new Deliberation(this, handler, this::apply);
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
    }

    // ---- What the client sends

    @Override
    boolean requestData(ByteBuffer buffer, int from, int to, int flow, boolean end) {
        if (state != State.COLLECTING) {
            return false;
        }
        window().take(flow, to - from);
        connection.toRuntime.window.take(flow, to - from);
        connection.credit.settle(connection.toRuntime, stream);
        int at = request.take(buffer, from, to);
        if (request.begun() && reserved == 0) {
            GrpcStatus refusal = reserve();
            if (refusal != null) {
                stopCollecting(buffer, at, to, end);
                answer(new Fail(refusal));
                return true;
            }
        }
        if (requestWhole()) {
            stopCollecting(buffer, at, to, end);
            become(State.DECIDING);
            deliberation.begin();
        } else if (end) {
            // Half a message cannot be decided on: the runtime answers it.
            stopCollecting(buffer, at, to, true);
            goOn(Outcome.NONE);
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
        resetRuntime();
        become(State.OVER);
        stream.toClient.queue.add(new Reset(Frames.FRAME_SIZE_ERROR));
        connection.release(connection.toClient, stream);
        return true;
    }

    private FlowWindow window() {
        FlowWindow window = stream.toRuntime.window;
        if (window == null) {
            throw new IllegalStateException("stream " + stream.id + " of " + path + " has no window");
        }
        return window;
    }

    @Override
    long lacks() {
        return state == State.COLLECTING ? request.lacks() : 0;
    }

    private @Nullable GrpcStatus reserve() {
        long length = request.declared();
        if (length > connection.options.maxMessageBytes()) {
            return Message.tooLarge(length, connection.options.maxMessageBytes());
        }
        long framed = Message.framedLength(length);
        if (!connection.reserve(framed)) {
            return new GrpcStatus(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "podslice holds its limit of " + connection.options.maxHeldBytes()
                            + " bytes of requests on this connection, and this one has " + length + "; try again");
        }
        reserved = framed;
        return null;
    }

    /** Puts what has come in line: the message, and behind it the bytes that follow it. */
    private void stopCollecting(ByteBuffer buffer, int at, int to, boolean end) {
        boolean more = at < to;
        stream.toRuntime.queue.add(new Payload(new ByteRange(request.bytes(), 0, request.have()), end && !more));
        if (more) {
            byte[] rest = new byte[to - at];
            buffer.get(at, rest);
            stream.toRuntime.queue.add(new Payload(new ByteRange(rest, 0, rest.length), end));
        }
    }

    @Override
    void requestTrailers() {
        if (state == State.COLLECTING) {
            stopCollecting(ByteBuffer.allocate(0), 0, 0, false);
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
            teller.failed(outcomeOf(decision));
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
                replace(replacement);
                goOn(then);
            }
            case AnswerLater(LateReply reply) -> {
                unreserve();
                resetRuntime();
                become(State.ANSWERING);
                late = reply;
            }
            case Reply reply -> answer(reply);
        }
        return late;
    }

    private static Outcome outcomeOf(Decision decision) {
        return switch (decision) {
            case Forward(Outcome then) -> then;
            case Replace(ByteBuffer replacement, Outcome then) -> then;
            case AnswerLater late -> Outcome.NONE;
            case Reply reply -> Outcome.NONE;
        };
    }

    private void replace(ByteBuffer replacement) {
        Item first = stream.toRuntime.queue.removeFirst();
        if (!(first instanceof Payload original)) {
            throw new IllegalStateException("a held message is not first in line: " + first);
        }
        ByteRange framed = Message.framed(replacement);
        stream.toRuntime.queue.addFirst(new Payload(framed, original.end()));
        int difference = framed.length() - original.bytes().length();
        window().requeue(difference);
        connection.toRuntime.window.requeue(difference);
        connection.credit.settle(connection.toRuntime, stream);
    }

    private void goOn(Outcome then) {
        unreserve();
        become(State.GONE_ON);
        deliberation.close();
        outcome = then;
        connection.credit.settle(connection.toRuntime, stream);
        if (stream.runtimeReset) {
            stream.toRuntime.gate = Gate.PASS;
            connection.discard(connection.toRuntime, stream);
        } else {
            connection.release(connection.toRuntime, stream);
        }
        if (responseEnded) {
            finish();
        } else {
            connection.release(connection.toClient, stream);
        }
    }

    private void unreserve() {
        connection.unreserve(reserved);
        reserved = 0;
    }

    // ---- Answering

    /** Answers at once a call whose head no server takes. */
    void reject(Relay rejection) {
        answer(rejection);
    }

    private void answer(Reply reply) {
        unreserve();
        resetRuntime();
        send(reply);
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
        deliberation.close();
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
        Outcome then = takeOutcome();
        if (then.equals(Outcome.NONE)) {
            become(State.OVER);
            connection.release(connection.toClient, stream);
            return;
        }
        become(State.FINISHING);
        stream.toClient.hold();
        boolean ok = responseOk();
        Bounded.run(
                "finish " + path,
                connection.options.decisionBudget(),
                () -> {
                    if (ok) {
                        teller.succeeded(then, responseMessage());
                    } else {
                        teller.failed(then);
                    }
                },
                this::finished);
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
            stopCollecting(ByteBuffer.allocate(0), 0, 0, false);
        }
        unreserve();
        if (state == State.DECIDING || state == State.ANSWERING) {
            deliberation.cancel();
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
