package io.podslice.node.pods;

import io.podslice.node.AssignedDevice;
import io.podslice.node.KnownPod;
import io.podslice.node.PodOrigin;
import io.podslice.node.state.Description;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Notes on the lookups of pods, for explanations; not part of the state. Guarded by the brain's lock. */
public final class PodNotes {
    private final Map<String, Note> byUid = new HashMap<>();

    /** The uids of the pods that have a resize which the kubelet has not allocated. Sources tell of it without the lock. */
    private final Set<String> pending = ConcurrentHashMap.newKeySet();

    /**
     * A note on a lookup.
     *
     * @param remarks a line for each source that does not have the pod, or says something else than the one that won
     * @param devices the devices that the kubelet had assigned to the pod, by container
     */
    public record Note(List<String> remarks, Map<String, List<AssignedDevice>> devices) {
        /** Nothing was said. */
        public static final Note NONE = new Note(List.of(), Map.of());

        public Note {
            remarks = List.copyOf(remarks);
            devices = Map.copyOf(devices);
        }

        /** Returns the remarks for the end of a log line; empty for none. */
        String inBrackets() {
            return remarks.isEmpty() ? "" : " (" + String.join("; ", remarks) + ")";
        }

        /** Returns the origin of a pod with that description. */
        public PodOrigin origin(Description description) {
            return new PodOrigin(description.source(), description.priority(), remarks, devices);
        }
    }

    /**
     * Takes note of a pod of the state as a source describes it: if a resize of it is pending at the kubelet, which tells
     * podslice nothing of it. Needs no lock.
     */
    public void pending(KnownPod known) {
        if (!known.resizePending() || known.ended()) {
            pending.remove(known.uid());
        } else {
            pending.add(known.uid());
        }
    }

    /** Keeps the note on a pod, and drops those on pods that the state does not have. */
    void keep(String uid, Note note, NodeState state) {
        byUid.keySet().removeIf(other -> state.pod(other).isEmpty());
        pending.removeIf(other -> state.pod(other).isEmpty());
        if (note.equals(Note.NONE)) {
            byUid.remove(uid);
        } else {
            byUid.put(uid, note);
        }
    }

    /** Returns the origin of a pod of the state. */
    public PodOrigin originOf(PodState pod) {
        Note note = byUid.getOrDefault(pod.uid(), Note.NONE);
        if (pending.contains(pod.uid())) {
            List<String> remarks = new ArrayList<>(note.remarks());
            remarks.add(pod.description().source().text() + ": a resize is pending at the kubelet");
            note = new Note(remarks, note.devices());
        }
        return note.origin(pod.description());
    }
}
