package io.podslice.shim.tap;

/** A method whose request message is held back until somebody has decided what becomes of the call. */
public non-sealed interface Held extends Interception {

    /**
     * Decides a call. Runs on a virtual thread of its own and may block; other streams of the connection flow
     * meanwhile. Where it takes longer than {@link TapOptions#decisionBudget}, {@link #onFault} decides in its place,
     * and a late decision that lets the call go on is told {@link Outcome#failed}.
     */
    Decision decide(HeldCall call) throws Exception;

    /**
     * Decides a call whose {@link #decide} threw, or ran out of time. Must not block.
     *
     * @param fault what {@link #decide} threw; a {@link java.util.concurrent.TimeoutException} when out of time
     */
    Decision onFault(HeldCall call, Throwable fault);
}
