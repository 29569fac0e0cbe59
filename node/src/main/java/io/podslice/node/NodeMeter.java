package io.podslice.node;

import java.time.Duration;

/** Counts decisions, held calls and refusals. Called on the thread of the call; must not block or throw. */
public interface NodeMeter {

    /** Counts nothing. */
    NodeMeter NONE = new NodeMeter() {
        @Override
        public void decided(Door door, NodeRequest request, Duration took) {}

        @Override
        public void held(Door door, NodeRequest request, Duration took) {}

        @Override
        public void refused(Door door, NodeRequest request, Refusal refusal) {}
    };

    /** Counts a decision of the brain and the time that it took. */
    void decided(Door door, NodeRequest request, Duration took);

    /**
     * Counts a held call and the time that its door waited for the verdict, including that for a thread and for a brain
     * that is still opening.
     */
    void held(Door door, NodeRequest request, Duration took);

    /** Counts a refusal. */
    void refused(Door door, NodeRequest request, Refusal refusal);
}
