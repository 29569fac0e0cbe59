package io.podslice.node.state;

import io.podslice.cgroups.AppliedPlan;
import io.podslice.cgroups.Plan;
import io.podslice.node.StateException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The state as it is now, saved at each change. Guarded by the brain's lock. */
public final class Ledger {
    private static final Logger log = LoggerFactory.getLogger(Ledger.class);

    private final StateStore store;
    private final Revisions revisions;
    private final Plan undo;
    private final List<String> remarks;
    /** Written under the brain's lock; read without it where the last published state is enough. */
    private volatile NodeState state;
    /** Whether the store lacks something of the state. */
    private boolean unsaved;

    private long lastSerial;

    /** @param revisions is told of each change */
    public Ledger(StateStore store, Revisions revisions) {
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

    public NodeState state() {
        return state;
    }

    /** What takes back a change that a podslice before this one had begun when it died; to be applied first of all. */
    public Plan undo() {
        return undo;
    }

    /** What was wrong with what was saved, one line for each. */
    public List<String> remarks() {
        return remarks;
    }

    /**
     * Tells the store of a plan before it is applied, to be followed by {@link #commit} or {@link #undone}.
     *
     * @throws StateException if that cannot be saved; the plan may not be applied
     */
    public void begin(String occasion, AppliedPlan planned, NodeState next) {
        catchUp();
        store.begin(occasion, planned.inverse(), StateChange.between(state, next));
    }

    /**
     * The plan that was begun is in force, and that is the state.
     *
     * @throws StateException if it cannot be saved; the state is then the old one still
     */
    public void commit(NodeState next) {
        store.commit();
        become(next);
    }

    /** The plan that was begun has been taken back. */
    public void undone() {
        try {
            store.undone();
        } catch (StateException e) {
            log.error("{}; the state is to be saved whole", e.getMessage(), e);
            unsaved = true;
        }
    }

    /**
     * Makes a state the state that no plan leads to.
     *
     * @throws StateException if it cannot be saved; the state is then the old one still
     */
    public void record(NodeState next, String occasion) {
        if (!next.equals(state)) {
            catchUp();
            store.record(occasion, StateChange.between(state, next));
            become(next);
        }
    }

    /** Makes it the state though it could not be saved: for what has happened and cannot be refused. */
    public void keep(NodeState next, StateException why) {
        log.error("{}; kept in memory for now", why.getMessage(), why);
        become(next);
        unsaved = true;
    }

    private void become(NodeState next) {
        state = next;
        revisions.changed();
    }

    /**
     * Saves what could not be saved before.
     *
     * @throws StateException if it still cannot
     */
    void catchUp() {
        if (unsaved) {
            store.checkpoint(state);
            unsaved = false;
        }
    }

    /**
     * Saves the whole state where it is only in pieces.
     *
     * @throws StateException if that cannot be done
     */
    public void tidy() {
        catchUp();
        store.tidy(state);
    }

    public long nextSerial() {
        return ++lastSerial;
    }
}
