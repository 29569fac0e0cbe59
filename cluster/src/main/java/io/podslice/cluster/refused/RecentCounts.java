package io.podslice.cluster.refused;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Counts by pods' uids, of which the oldest goes first where there are too many. Not safe for use by several threads. */
final class RecentCounts {
    private final int most;
    private final SequencedMap<String, Integer> counts = new LinkedHashMap<>();

    RecentCounts(int most) {
        this.most = most;
    }

    /** Counts one more, and returns the new count. */
    int add(String uid) {
        int count = counts.merge(uid, 1, Integer::sum);
        if (counts.size() > most) {
            var _ = counts.pollFirstEntry();
        }
        return count;
    }

    /** Returns a pod's count, 0 where there is none. */
    int of(String uid) {
        return counts.getOrDefault(uid, 0);
    }
}
