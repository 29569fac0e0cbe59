package io.podslice.shim.tap;

/** A method whose request message is held back until its handler has decided what becomes of the call. */
public non-sealed interface Held extends Interception {

    /**
     * Decides a call. Runs on a virtual thread of its own and may block; other streams of the connection flow
     * meanwhile, and the client waits: the handler answers for the time that it takes. If it throws, the call ends with
     * INTERNAL.
     */
    Decision decide(HeldCall call) throws Exception;
}
