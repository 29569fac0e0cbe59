package io.podslice.agent.record;

import io.podslice.agent.api.Messages;
import io.podslice.agent.api.NodeStatus;
import io.podslice.cgroups.machine.Machine;
import io.podslice.node.ActualResources;
import io.podslice.node.NodeView.PodView;
import io.podslice.node.PodActual;
import io.podslice.node.RevisedView;
import io.podslice.proto.v1.Change;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.StatusResponse;
import io.podslice.proto.v1.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tells each view of a node as the difference to the one before. For one thread. */
final class NodeChanges {
    /** The bytes of pods after which a change goes on in the next entry. */
    private static final int PART_BYTES = 128 << 10;

    /** The bytes beyond which a message is told in short, so that an entry is never too long. */
    private static final int LONGEST_BYTES = 512 << 10;

    private static final PodActual NOTHING = new PodActual(ActualResources.NONE, new TreeMap<>());

    private final Map<String, Known> known = new HashMap<>();
    private StatusResponse node = StatusResponse.getDefaultInstance();
    private @Nullable Machine machine;

    /** @param changed the revision of the pod's last change */
    private record Known(PodView pod, long changed) {}

    /**
     * Returns the change since the view before, in parts of which each but the last goes on; empty where there is none.
     *
     * @param now the node's machine
     */
    List<Change> since(RevisedView view, Machine now) {
        List<Pod> changed = new ArrayList<>();
        List<PodReference> removed = new ArrayList<>();
        Map<String, Known> gone = new HashMap<>(known);
        for (PodView pod : view.node().pods()) {
            Known before = gone.remove(pod.uid());
            if (before == null || !before.pod().equals(pod)) {
                known.put(pod.uid(), new Known(pod, view.revision()));
                changed.add(message(pod, view.revision()));
            }
        }
        gone.forEach((uid, was) -> {
            known.remove(uid);
            removed.add(Messages.reference(was.pod()));
        });
        StatusResponse before = node;
        node = node(view, now);
        boolean isOther = !node.equals(before);
        return changed.isEmpty() && removed.isEmpty() && !isOther
                ? List.of()
                : parts(false, isOther ? node : null, changed, removed);
    }

    /** Returns the whole node, in parts of which each but the last goes on. */
    List<Change> whole(RevisedView view, Machine now) {
        Map<String, Known> before = new HashMap<>(known);
        known.clear();
        List<Pod> pods = new ArrayList<>();
        for (PodView pod : view.node().pods()) {
            Known its = before.get(pod.uid());
            long changed = its == null || !its.pod().equals(pod) ? view.revision() : its.changed();
            known.put(pod.uid(), new Known(pod, changed));
            pods.add(message(pod, changed));
        }
        node = node(view, now);
        return parts(true, node, pods, List.of());
    }

    /** Returns the node without its revision, which each entry has. */
    private StatusResponse node(RevisedView view, Machine now) {
        Topology told = node.getTopology();
        Machine before = machine;
        StatusResponse.Builder next = NodeStatus.of(view, now).toBuilder().clearRevision();
        if (before != null && now.equals(before)) {
            next.setTopology(told); // one object in place of two alike
        }
        machine = now;
        return next.build();
    }

    private static Pod message(PodView view, long changed) {
        Pod pod = Messages.pod(view, changed, NOTHING);
        if (pod.getSerializedSize() > LONGEST_BYTES) {
            pod = pod.toBuilder().clearRemarks().clearDevices().build();
        }
        return pod.getSerializedSize() > LONGEST_BYTES
                ? pod.toBuilder().clearContainers().clearConditions().build()
                : pod;
    }

    private static List<Change> parts(
            boolean relist, @Nullable StatusResponse node, List<Pod> pods, List<PodReference> removed) {
        List<Change> parts = new ArrayList<>();
        Change.Builder part = Change.newBuilder().setRelist(relist);
        int bytes = 0;
        if (node != null) {
            StatusResponse told = node.getSerializedSize() > LONGEST_BYTES
                    ? node.toBuilder().clearTopology().build()
                    : node;
            part.setNode(told);
            bytes = told.getSerializedSize();
        }
        for (Pod pod : pods) {
            if (bytes > PART_BYTES) {
                parts.add(part.setMore(true).build());
                part = Change.newBuilder();
                bytes = 0;
            }
            part.addPods(pod);
            bytes += pod.getSerializedSize();
        }
        for (PodReference pod : removed) {
            if (bytes > PART_BYTES) {
                parts.add(part.setMore(true).build());
                part = Change.newBuilder();
                bytes = 0;
            }
            part.addRemoved(pod);
            bytes += pod.getSerializedSize();
        }
        parts.add(part.build());
        return parts;
    }
}
