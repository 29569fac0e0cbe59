package io.podslice.node;

import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The state as it is now, saved at each change. Guarded by the brain's lock. */
final class Ledger {
    private static final Logger log = LoggerFactory.getLogger(Ledger.class);

    private final StateStore store;
    private final Revisions revisions;
    private NodeState state;
    private boolean unsaved;
    private long lastSerial;

    /** @param revisions is told of each change */
    Ledger(StateStore store, Revisions revisions) {
        this.store = store;
        this.revisions = revisions;
        this.state = store.load();
        for (PodState pod : state.pods()) {
            lastSerial = Math.max(lastSerial, pod.serial());
            pod.containers().forEach(container -> lastSerial = Math.max(lastSerial, container.serial()));
        }
    }

    NodeState state() {
        return state;
    }

    /**
     * Makes it the state.
     *
     * @throws StateException if it cannot be saved; the state is then the old one still
     */
    void commit(NodeState next) {
        if (!next.equals(state)) {
            store.save(next);
            state = next;
            unsaved = false;
            revisions.changed();
        }
    }

    /**
     * Makes it the state even if it cannot be saved now: for what has happened and cannot be refused. It is saved with
     * the next change, or by {@link #catchUp}.
     */
    void accept(NodeState next) {
        try {
            commit(next);
        } catch (StateException e) {
            log.error("{}; kept in memory for now", e.getMessage(), e);
            state = next;
            unsaved = true;
            revisions.changed();
        }
    }

    /** Saves what could not be saved before. */
    void catchUp() {
        if (unsaved) {
            store.save(state);
            unsaved = false;
        }
    }

    long nextSerial() {
        return ++lastSerial;
    }
}
