package io.podslice.node.brain;

import io.podslice.node.NodeMeter;
import io.podslice.node.StateDisk;
import io.podslice.node.state.FileStateStore;
import io.podslice.node.state.FolderDisk;
import io.podslice.node.state.StateStore;
import io.podslice.node.state.UnsavedState;
import java.nio.file.Path;
import java.time.Clock;

/** The place where a brain keeps its state over a restart: a checkpoint and a journal, in a folder of its own. */
public final class StateFolder {
    private final StateStore store;

    /**
     * @param disk the folder's files
     * @param clock gives the time in the names of files that are set aside
     * @param bootId of the running kernel ({@code /proc/sys/kernel/random/boot_id}): cgroups and sandboxes of another
     *     boot are gone; empty for not known
     */
    public StateFolder(StateDisk disk, Clock clock, String bootId) {
        this(disk, clock, bootId, NodeMeter.NONE);
    }

    /** @param meter counts lines of the journal; the other parameters are those of the other constructor */
    public StateFolder(StateDisk disk, Clock clock, String bootId, NodeMeter meter) {
        this(new FileStateStore(disk, clock, bootId, meter));
    }

    /** @param store keeps the state */
    StateFolder(StateStore store) {
        this.store = store;
    }

    /** Returns a place that keeps nothing: the state lasts as long as its brain, and nothing is written to a disk. */
    public static StateFolder inMemory() {
        return new StateFolder(new UnsavedState());
    }

    /**
     * Makes the folder where there is none. A folder that cannot be written is an error of each write, not of this call.
     *
     * @throws io.podslice.node.StateException if it is no folder, or cannot be made
     */
    public static StateDisk disk(Path folder) {
        return new FolderDisk(folder);
    }

    StateStore store() {
        return store;
    }
}
