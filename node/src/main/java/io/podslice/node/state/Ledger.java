package io.podslice.node.state;

import io.podslice.cgroups.AppliedPlan;
import io.podslice.cgroups.Plan;
import io.podslice.node.StateException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The state as it is now, saved at each change. */
public final class Ledger {
    private static final Logger log = LoggerFactory.getLogger(Ledger.class);

    private final Guard guard;
    private final StateStore store;
    private final Revisions revisions;
    private final Plan undo;
    private final List<String> remarks;
    /** Written under the brain's lock; read without it where the last published state is enough. */
    private volatile NodeState state;
    /** True while the store lacks a part of the state. */
    private boolean unsaved;

    private long lastSerial;

    /**
     * Loads the state that was saved.
     *
     * @param guard the lock under which the state changes
     * @param revisions is told of each change
     */
    public Ledger(Guard guard, StateStore store, Revisions revisions) {
        this.guard = guard;
        this.store = store;
        this.revisions = revisions;
        StateStore.Saved saved = store.load();
        this.state = saved.state();
        this.undo = saved.undo();
        this.remarks = saved.remarks();
        for (PodState pod : state.pods()) {
            lastSerial = Math.max(lastSerial, pod.serial());
            pod.containers().forEach(container -> lastSerial = Math.max(lastSerial, container.serial()));
        }
    }

    /** Fails where the calling thread does not hold the brain's lock, if assertions are enabled. */
    public void assertHeld() {
        guard.assertHeld();
    }

    /** Tells if the state outlives the brain; otherwise this is a dry run. */
    public boolean isKept() {
        return store.isKept();
    }

    /** Returns the state as it is now; may be called without the lock. */
    public NodeState state() {
        return state;
    }

    /**
     * Returns the plan that takes back a change that an earlier run of podslice had begun when it died; it must be
     * applied first.
     */
    public Plan undo() {
        return undo;
    }

    /** Returns the faults of the saved files, one line for each, for the log. */
    public List<String> remarks() {
        return remarks;
    }

    /**
     * Writes a plan to the journal before it is applied; a commit or {@link #undone} must follow.
     *
     * @throws StateException if it cannot be written; the plan must not be applied
     */
    public void begin(String occasion, AppliedPlan planned, NodeState next) {
        guard.assertHeld();
        catchUp();
        store.begin(occasion, planned.inverse(), StateChange.between(state, next));
    }

    /**
     * Makes a state the current one: the plan that was begun is in force.
     *
     * @throws StateException if it cannot be saved; the state is then the old one still
     */
    public void commitOrThrow(NodeState next) {
        guard.assertHeld();
        store.commit();
        become(next);
    }

    /**
     * Makes a state the current one: the plan that was begun is in force, and stays so even if that cannot be saved.
     */
    public void commitAnyway(NodeState next) {
        try {
            commitOrThrow(next);
        } catch (StateException e) {
            keepUnsaved(next, e);
        }
    }

    /** Tells the store that the plan that was begun has been taken back. */
    public void undone() {
        guard.assertHeld();
        try {
            store.undone();
        } catch (StateException e) {
            log.error("{}; the state will be saved whole", e.getMessage(), e);
            unsaved = true;
        }
    }

    /**
     * Makes a state the current one for which no cgroup must be written.
     *
     * @throws StateException if it cannot be saved; the state is then the old one still
     */
    public void saveOrThrow(NodeState next, String occasion) {
        guard.assertHeld();
        if (!next.equals(state)) {
            catchUp();
            store.record(occasion, StateChange.between(state, next));
            become(next);
        }
    }

    /** Makes a state the current one for which no cgroup must be written, even if it cannot be saved. */
    public void saveAnyway(NodeState next, String occasion) {
        try {
            saveOrThrow(next, occasion);
        } catch (StateException e) {
            keepUnsaved(next, e);
        }
    }

    /** Makes a state the current one in memory only; it is saved with the next change that can be. */
    public void keepUnsaved(NodeState next, StateException why) {
        guard.assertHeld();
        log.error("{}; kept in memory for now", why.getMessage(), why);
        become(next);
        unsaved = true;
    }

    private void become(NodeState next) {
        state = next;
        revisions.changed();
    }

    /**
     * Saves the whole state if a part of it could not be saved before, or the journal is full.
     *
     * @throws StateException if it still cannot
     */
    void catchUp() {
        if (unsaved || store.isFull()) {
            store.checkpoint(state);
            unsaved = false;
        }
    }

    /**
     * Saves the whole state if parts of it are in the journal only.
     *
     * @throws StateException if it cannot be saved
     */
    public void tidy() {
        guard.assertHeld();
        catchUp();
        store.tidy(state);
    }

    /** Returns a number that no pod and no container of this state has had. */
    public long nextSerial() {
        guard.assertHeld();
        return ++lastSerial;
    }
}
