package io.podslice.node;

import java.time.Duration;

/** Told of what is decided and done, for metrics. Called from any thread; must not block or throw. */
public interface NodeMeter {

    /** Counts nothing. */
    NodeMeter NONE = new NodeMeter() {
        @Override
        public void decided(Door door, NodeRequest request, Duration took) {}

        @Override
        public void held(Door door, NodeRequest request, Duration took) {}

        @Override
        public void count(NodeCounter counter, String... labels) {}
    };

    /** The brain has decided on a request, in that time. */
    void decided(Door door, NodeRequest request, Duration took);

    /** A door has waited that long for the verdict on a request, time for threads and for a brain that opens included. */
    void held(Door door, NodeRequest request, Duration took);

    /**
     * Adds one to a counter.
     *
     * @param labels a value for each label of the counter, in its order
     */
    void count(NodeCounter counter, String... labels);
}
