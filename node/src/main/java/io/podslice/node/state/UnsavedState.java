package io.podslice.node.state;

import io.podslice.cgroups.Plan;
import java.util.List;

/** Saves nothing: for a brain whose state ends with it, as in a dry run. */
public final class UnsavedState implements StateStore {
    private final NodeState first;

    /** Makes a store that begins without pods. */
    public UnsavedState() {
        this(NodeState.EMPTY);
    }

    /** Makes a store that begins with that state. */
    public UnsavedState(NodeState first) {
        this.first = first;
    }

    @Override
    public Saved load() {
        return new Saved(first, Plan.EMPTY, List.of());
    }

    @Override
    public void begin(String occasion, Plan undo, StateChange change) {}

    @Override
    public void commit() {}

    @Override
    public void undone() {}

    @Override
    public void record(String occasion, StateChange change) {}

    @Override
    public void checkpoint(NodeState state) {}

    @Override
    public boolean isKept() {
        return false;
    }

    @Override
    public boolean isFull() {
        return false;
    }

    @Override
    public void tidy(NodeState state) {}
}
