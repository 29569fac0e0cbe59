package io.podslice.node;

import java.time.Duration;

/**
 * Counts what is decided and done, for metrics, and hears of incidents; does nothing where a method is not overridden, for most
 * meters hear of one of these alone. Called from any thread; must not block or throw.
 */
public interface NodeMeter {

    /** Counts nothing. */
    NodeMeter NONE = new NodeMeter() {};

    /** Counts a decision of the brain and the time that it took. */
    default void decided(Door door, NodeRequest request, Duration took) {}

    /**
     * Counts a held call and the time that its door waited for the verdict, including that for a thread and for a brain
     * that is still opening.
     */
    default void held(Door door, NodeRequest request, Duration took) {}

    /**
     * Adds one to a counter.
     *
     * @param labels a value for each label of the counter, in its order
     */
    default void count(NodeCounter counter, String... labels) {}

    /** Hears of an incident; it is counted apart from this. */
    default void note(NodeIncident incident) {}

    /** Returns a meter that tells two others all that it is told; one of them where the other counts nothing. */
    static NodeMeter both(NodeMeter first, NodeMeter second) {
        if (first.equals(NONE)) {
            return second;
        }
        if (second.equals(NONE)) {
            return first;
        }
        return new NodeMeter() {
            @Override
            public void decided(Door door, NodeRequest request, Duration took) {
                first.decided(door, request, took);
                second.decided(door, request, took);
            }

            @Override
            public void held(Door door, NodeRequest request, Duration took) {
                first.held(door, request, took);
                second.held(door, request, took);
            }

            @Override
            public void count(NodeCounter counter, String... labels) {
                first.count(counter, labels);
                second.count(counter, labels);
            }

            @Override
            public void note(NodeIncident incident) {
                first.note(incident);
                second.note(incident);
            }
        };
    }
}
