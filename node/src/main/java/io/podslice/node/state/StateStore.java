package io.podslice.node.state;

import io.podslice.cgroups.Plan;
import io.podslice.node.StateException;
import java.util.List;

/**
 * Keeps the brain's state over a restart, and knows what was under way when podslice died. Each change either has no
 * writes to cgroups and is {@linkplain #record recorded}, or it is {@linkplain #begin begun} before the first of them,
 * and then {@linkplain #commit committed} or taken back ({@link #undone}). Guarded by the brain's lock.
 */
public interface StateStore {

    /**
     * The state and the unfinished change that were saved.
     *
     * @param state the state that was committed or recorded last; empty where none was usable
     * @param undo takes back what was begun and neither committed nor undone; the cgroups may say any of it or none
     * @param remarks one line for the log for each thing that could not be used or had to be mended
     */
    record Saved(NodeState state, Plan undo, List<String> remarks) {
        public Saved {
            remarks = List.copyOf(remarks);
        }
    }

    /** Reads what was saved. Never fails: what cannot be used is set aside and remarked on. */
    Saved load();

    /**
     * Saves that a plan is about to be applied. It is on disk on return: the cgroups may be written from then on.
     *
     * @param occasion the cause, e.g. {@code admit default/db}
     * @param undo takes the plan back, in this order
     * @param change what it will have done to the state
     * @throws StateException if that cannot be saved; nothing has begun
     */
    void begin(String occasion, Plan undo, StateChange change);

    /**
     * Saves that the plan that was begun is in force.
     *
     * @throws StateException if that cannot be saved: after a restart it will be taken back
     */
    void commit();

    /** Saves that the plan that was begun has been taken back. If that cannot be, a restart takes it back once more. */
    void undone();

    /**
     * Saves a change of the state with which no cgroup changes.
     *
     * @throws StateException if that cannot be saved; what was saved before is still there
     */
    void record(String occasion, StateChange change);

    /**
     * Saves the whole state, in place of all that was saved before.
     *
     * @throws StateException if it cannot be saved; what was saved before is still there
     */
    void checkpoint(NodeState state);

    /** Saves the whole state if it is only in pieces, or has not been saved yet; cheap otherwise. */
    void tidy(NodeState state);
}
