package io.podslice.shim.tap;

import java.util.function.Consumer;

/** A method whose request message is held back until its handler has decided what becomes of the call. */
public non-sealed interface Held extends Interception {

    /**
     * Tells whether a call without a content-type is rejected, as one with a wrong content-type always is. If not, the
     * runtime decides, for the head of the call passes at once.
     */
    default boolean needsContentType() {
        return false;
    }

    /**
     * Decides a call. Runs on a platform thread of its own and may block; other streams of the connection flow
     * meanwhile, and the client waits: the handler answers for the time that it takes. If it throws, the call ends with
     * INTERNAL.
     *
     * @param answer gets the decision, from any thread; only the first one counts
     */
    void decide(HeldCall call, Consumer<Decision> answer) throws Exception;
}
