package io.podslice.shim.tap;

import java.nio.ByteBuffer;

/** A method whose calls pass untouched and are reported when they have succeeded. */
@FunctionalInterface
public non-sealed interface Observed extends Interception {

    /**
     * The call succeeded. The client sees the end of the call only after this has returned (or has taken longer than
     * {@link TapOptions#decisionBudget}), so whatever the client does next finds it done. Runs on a virtual thread of
     * its own and may block.
     *
     * @param request the request message, uncompressed
     * @param reply the response message, uncompressed
     */
    void succeeded(ByteBuffer request, ByteBuffer reply) throws Exception;
}
