package io.podslice.simulator.journal;

import io.podslice.cgroups.CgroupFiles;
import java.util.ArrayList;
import java.util.List;

/** Keeps deeds in the order in which they happened. Safe for any thread. */
public final class Journal {
    private final List<Deed> deeds = new ArrayList<>();

    /** Returns the cgroup files as the actor uses them: each of its changes is noted in this journal. */
    public CgroupFiles of(Actor actor, CgroupFiles files) {
        return new JournaledFiles(actor, files, this);
    }

    /** Notes a deed. */
    public synchronized void note(Deed deed) {
        deeds.add(deed);
    }

    /** Returns the number of deeds, which is a mark for {@link #since}. */
    public synchronized int size() {
        return deeds.size();
    }

    /** Returns the deeds after a mark that {@link #size} gave. */
    public synchronized List<Deed> since(int mark) {
        return List.copyOf(deeds.subList(mark, deeds.size()));
    }
}
