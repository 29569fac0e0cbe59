package io.podslice.shim.tap;

import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A call that passes and is looked at. */
final class ObservedCall extends Call {
    private static final Logger LOG = LoggerFactory.getLogger(ObservedCall.class);

    private final Observed observer;
    private boolean finishing;
    private boolean over;

    ObservedCall(Connection connection, int id, HeaderFields head, Observed observer) {
        super(connection, id, head);
        this.observer = observer;
    }

    @Override
    boolean requestData(ByteBuffer buffer, int from, int to, int flow, boolean end) {
        passingData(buffer, from, to);
        return false;
    }

    @Override
    boolean refusesFrame(int flow) {
        return false;
    }

    @Override
    void requestTrailers() {}

    @Override
    void requestSent() {}

    @Override
    void cancelled() {
        gone();
    }

    @Override
    void clientEnded() {}

    @Override
    boolean finishing() {
        return finishing;
    }

    @Override
    void gone() {
        over = !finishing;
    }

    @Override
    void responseEnded() {
        if (over || finishing) {
            return;
        }
        if (!responseOk() || !requestWhole()) {
            over = true;
            return;
        }
        finishing = true;
        stream.toClient.hold();
        Bounded.run("observe " + path, connection.options.decisionBudget(), this::observe, this::observed);
    }

    private void observe() {
        try {
            observer.succeeded(requestMessage().plain(), responseMessage().plain());
        } catch (Exception e) {
            LOG.error("{} succeeded in the runtime, but not what follows from it here", path, e);
        }
    }

    private void observed() {
        connection.lock.lock();
        try {
            finishing = false;
            over = true;
            connection.release(connection.toClient, stream);
        } finally {
            connection.lock.unlock();
        }
        connection.flushSoon();
    }

    @Override
    long lacks() {
        return 0;
    }

    @Override
    boolean over() {
        return over;
    }
}
