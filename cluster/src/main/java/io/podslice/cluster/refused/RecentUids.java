package io.podslice.cluster.refused;

import java.util.LinkedHashSet;
import java.util.Set;

/** A bounded set of pods' uids, of which the oldest goes first. Not safe for use by several threads. */
final class RecentUids {
    private final int most;
    private final Set<String> uids = new LinkedHashSet<>();

    RecentUids(int most) {
        this.most = most;
    }

    /** Returns true if the uid is new. */
    boolean add(String uid) {
        boolean isNew = uids.add(uid);
        if (uids.size() > most) {
            uids.remove(uids.iterator().next());
        }
        return isNew;
    }

    boolean has(String uid) {
        return uids.contains(uid);
    }
}
