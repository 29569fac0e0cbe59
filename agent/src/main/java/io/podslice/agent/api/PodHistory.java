package io.podslice.agent.api;

import io.podslice.node.NodeView;
import io.podslice.node.NodeView.PodView;
import io.podslice.node.RevisedView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The pods of the node at present, each with the revision of its last change, so that a watcher costs nothing but the
 * revision that it has seen. Of pods that have gone only the latest are remembered; a watcher that has not seen older
 * ones go is sent the whole list. Any thread may use it.
 */
final class PodHistory {
    private final int mostRemoved;

    private final Map<String, Known> known = new HashMap<>();
    private final ArrayDeque<Removed> removed = new ArrayDeque<>();
    private RevisedView latest;

    /** The oldest revision since which all changes are known. */
    private long oldest;

    /** @param changed the revision of the pod's last change */
    record Known(PodView pod, long changed) {}

    /** @param revision the revision with which the pod went */
    record Removed(PodView pod, long revision) {}

    /**
     * The changes that a watcher has not seen.
     *
     * @param revision the revision up to which these are all changes
     * @param relist true if this is the whole list, which replaces all that the watcher has
     * @param pods that came or changed, in order of namespace and name
     * @param removed pods that are gone
     */
    record Changes(long revision, boolean relist, List<Known> pods, List<PodView> removed) {
        boolean isEmpty() {
            return !relist && pods.isEmpty() && removed.isEmpty();
        }
    }

    /** @param mostRemoved the number of gone pods that are remembered */
    PodHistory(RevisedView first, int mostRemoved) {
        this.mostRemoved = mostRemoved;
        this.latest = first;
        this.oldest = first.revision();
        for (PodView pod : first.node().pods()) {
            known.put(pod.uid(), new Known(pod, first.revision()));
        }
    }

    /** Takes in a new view of the node; ignores a view older than the latest. */
    synchronized void update(RevisedView view) {
        if (view.revision() <= latest.revision()) {
            return;
        }
        Map<String, Known> gone = new HashMap<>(known);
        for (PodView pod : view.node().pods()) {
            Known before = gone.remove(pod.uid());
            if (before == null) {
                // A static pod comes back with its uid.
                removed.removeIf(went -> went.pod().uid().equals(pod.uid()));
            }
            if (before == null || !before.pod().equals(pod)) {
                known.put(pod.uid(), new Known(pod, view.revision()));
            }
        }
        gone.forEach((uid, was) -> {
            known.remove(uid);
            removed.add(new Removed(was.pod(), view.revision()));
        });
        while (removed.size() > mostRemoved) {
            oldest = removed.remove().revision();
        }
        latest = view;
    }

    /** The latest view of the node. */
    synchronized NodeView node() {
        return latest.node();
    }

    synchronized long revision() {
        return latest.revision();
    }

    /** Returns a pod of the {@link #node} with its revision. */
    synchronized Known known(PodView pod) {
        return known.getOrDefault(pod.uid(), new Known(pod, latest.revision()));
    }

    /**
     * Returns the changes since a revision.
     *
     * @param wanted the pods whose changes are returned
     */
    synchronized Changes since(long revision, PodFilter wanted) {
        boolean relist = revision < oldest || revision > latest.revision();
        List<Known> pods = new ArrayList<>();
        for (PodView pod : latest.node().pods()) {
            Known its = known(pod);
            if (wanted.has(pod) && (relist || its.changed() > revision)) {
                pods.add(its);
            }
        }
        List<PodView> went = new ArrayList<>();
        if (!relist) {
            for (Removed pod : removed) {
                if (wanted.has(pod.pod()) && pod.revision() > revision) {
                    went.add(pod.pod());
                }
            }
        }
        return new Changes(latest.revision(), relist, pods, went);
    }
}
