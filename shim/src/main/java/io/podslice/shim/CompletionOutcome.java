package io.podslice.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.node.Completion;
import io.podslice.shim.tap.Outcome;
import java.nio.ByteBuffer;

/**
 * Tells the brain how a call ended.
 *
 * @param completion what is told
 * @param id finds the id in the reply
 */
record CompletionOutcome(Completion completion, IdInReply id) implements Outcome {

    /** Finds the sandbox's or container's id. */
    interface IdInReply {
        String in(ByteBuffer reply) throws InvalidProtocolBufferException;
    }

    @Override
    public void succeeded(ByteBuffer reply) throws Exception {
        String found;
        try {
            found = id.in(reply);
        } catch (InvalidProtocolBufferException e) {
            completion.failed();
            throw e;
        }
        completion.succeeded(found);
    }

    @Override
    public void failed() {
        completion.failed();
    }
}
