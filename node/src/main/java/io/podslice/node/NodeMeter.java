package io.podslice.node;

import java.time.Duration;

/** Told of what is decided, for metrics. Called on the thread of the call; must not block or throw. */
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

    /** The brain has decided on a request, in that time. */
    void decided(Door door, NodeRequest request, Duration took);

    /** A door has waited that long for the verdict on a request, time for threads and for a brain that opens included. */
    void held(Door door, NodeRequest request, Duration took);

    /** A request was refused. */
    void refused(Door door, NodeRequest request, Refusal refusal);
}
