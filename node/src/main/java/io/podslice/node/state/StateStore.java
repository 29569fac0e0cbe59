package io.podslice.node.state;

import io.podslice.cgroups.Plan;
import io.podslice.node.StateException;
import java.util.List;

/**
 * Keeps the brain's state over a restart, with the change that was under way when podslice died. Each change either has
 * no writes to cgroups and is {@linkplain #record recorded}, or it is {@linkplain #begin begun} before the first of
 * them, and then {@linkplain #commit committed} or taken back ({@link #undone}). Not thread-safe.
 */
public interface StateStore {

    /**
     * The state and the unfinished change that were saved.
     *
     * @param state the state that was committed or recorded last; empty if no file is usable
     * @param undo the plan that takes back a change that was begun and neither committed nor undone; the cgroups may
     *     have any part of the change
     * @param remarks faults of the saved files, one line for each, for the log
     */
    record Saved(NodeState state, Plan undo, List<String> remarks) {
        public Saved {
            remarks = List.copyOf(remarks);
        }
    }

    /** Reads the saved state. Never fails: a file that cannot be used is set aside, with a remark. */
    Saved load();

    /**
     * Saves that a plan is about to be applied. It is on disk on return: the cgroups may be written from then on.
     *
     * @param occasion the cause, e.g. {@code admit default/db}
     * @param undo the steps that take the plan back, in this order
     * @param change the plan's change of the state
     * @throws StateException if it cannot be saved; nothing has begun
     */
    void begin(String occasion, Plan undo, StateChange change);

    /**
     * Saves that the plan that was begun is in force.
     *
     * @throws StateException if it cannot be saved: the plan is taken back after a restart
     */
    void commit();

    /** Saves that the plan that was begun has been taken back. If that fails, a restart takes it back once more. */
    void undone();

    /**
     * Saves a change of the state with which no cgroup changes.
     *
     * @throws StateException if it cannot be saved; the state saved before still counts
     */
    void record(String occasion, StateChange change);

    /**
     * Saves the whole state as a checkpoint, in place of all that was saved before.
     *
     * @throws StateException if it cannot be saved; the state saved before still counts
     */
    void checkpoint(NodeState state);

    /**
     * Tells if the state outlives its brain. A brain whose state does not is one of a dry run: it says nothing in the log of the
     * pods that it admits.
     */
    default boolean isKept() {
        return true;
    }

    /** Tells if the journal has grown so long that the whole state should be saved before the next change. */
    boolean isFull();

    /** Saves the whole state if parts of it are in the journal only, or it was not saved yet; cheap otherwise. */
    void tidy(NodeState state);
}
