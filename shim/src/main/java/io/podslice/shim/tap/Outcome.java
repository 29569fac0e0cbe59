package io.podslice.shim.tap;

import java.nio.ByteBuffer;

/**
 * Told how a held call that went on has ended: exactly one of the two methods is called, once, on a virtual thread of
 * its own. The client sees the end of the call only after that has returned, or has taken longer than
 * {@link TapOptions#decisionBudget}.
 */
public interface Outcome {

    /** Takes no note of the end. */
    Outcome NONE = new Outcome() {
        @Override
        public void succeeded(ByteBuffer reply) {}

        @Override
        public void failed() {}
    };

    /**
     * Called when the runtime has answered with a message and status OK.
     *
     * @param reply the response message, uncompressed
     */
    void succeeded(ByteBuffer reply) throws Exception;

    /** Called when the runtime refused, the client cancelled, or one of the connections went away. */
    void failed() throws Exception;
}
