package io.podslice.simulator.journal;

import io.podslice.cgroups.CgroupFiles;
import java.util.ArrayList;
import java.util.List;

/** Keeps deeds in the order in which they happened. Any thread. */
public final class Journal {
    private final List<Deed> deeds = new ArrayList<>();

    /** The files as that actor sees them: what it does to them is noted. */
    public CgroupFiles of(Actor actor, CgroupFiles files) {
        return new JournaledFiles(actor, files, this);
    }

    /** Notes a deed. */
    public synchronized void note(Deed deed) {
        deeds.add(deed);
    }

    /** How many there are: a mark for {@link #since}. */
    public synchronized int size() {
        return deeds.size();
    }

    /** Those after the mark. */
    public synchronized List<Deed> since(int mark) {
        return List.copyOf(deeds.subList(mark, deeds.size()));
    }
}
