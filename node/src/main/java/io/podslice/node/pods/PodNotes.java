package io.podslice.node.pods;

import io.podslice.node.AssignedDevice;
import io.podslice.node.PodOrigin;
import io.podslice.node.state.Description;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Notes on the lookups of pods, for explanations; not part of the state. Guarded by the brain's lock. */
public final class PodNotes {
    private final Map<String, Note> byUid = new HashMap<>();

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

        /** Returns the origin of a pod with that description. */
        public PodOrigin origin(Description description) {
            return new PodOrigin(description.source(), description.priority(), remarks, devices);
        }
    }

    /** Keeps the note on a pod, and drops those on pods that the state does not have. */
    void keep(String uid, Note note, NodeState state) {
        byUid.keySet().removeIf(other -> state.pod(other).isEmpty());
        if (!note.equals(Note.NONE)) {
            byUid.put(uid, note);
        }
    }

    /** Returns the origin of a pod of the state. */
    public PodOrigin originOf(PodState pod) {
        return byUid.getOrDefault(pod.uid(), Note.NONE).origin(pod.description());
    }
}
