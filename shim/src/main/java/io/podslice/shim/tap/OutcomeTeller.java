package io.podslice.shim.tap;

import io.podslice.shim.tap.Decision.LateReply;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the handler that let a call go on of its outcome. A fault of the handler changes nothing for the call, and is
 * logged.
 *
 * @param path the call's method
 */
record OutcomeTeller(String path) {
    private static final Logger LOG = LoggerFactory.getLogger(OutcomeTeller.class);

    /** @param reply the runtime's reply to a call that succeeded; null for one that failed */
    void ended(Outcome then, @Nullable Message reply) {
        if (reply == null) {
            failed(then);
        } else {
            succeeded(then, reply);
        }
    }

    private void succeeded(Outcome then, Message response) {
        ByteBuffer reply;
        try {
            reply = response.plain();
        } catch (Message.Unreadable e) {
            LOG.error("{} succeeded, but its reply cannot be read: {}", path, e.getMessage());
            failed(then);
            return;
        }
        try {
            then.succeeded(reply);
        } catch (Exception e) {
            LOG.error("{} succeeded in the runtime, but not what follows from it here", path, e);
        }
    }

    void failed(Outcome then) {
        try {
            then.failed();
        } catch (Exception e) {
            LOG.error("{} failed, and so did what follows from it here", path, e);
        }
    }

    void dropped(LateReply reply) {
        try {
            reply.dropped();
        } catch (Exception e) {
            LOG.error("{}: giving up its answer failed", path, e);
        }
    }
}
