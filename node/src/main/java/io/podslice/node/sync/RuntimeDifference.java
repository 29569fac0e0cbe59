package io.podslice.node.sync;

import io.podslice.node.PodPhase;
import io.podslice.node.RuntimeContents;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A difference between the brain's state and the runtime's contents. Pure. */
public sealed interface RuntimeDifference {

    /** The runtime does not have the pod's sandbox any more. */
    record Gone(PodState pod) implements RuntimeDifference {}

    /** The pod's sandbox does not run any more. */
    record Ended(PodState pod) implements RuntimeDifference {}

    /** The pod runs in a sandbox that the state does not have. */
    record NewSandbox(PodState pod, String sandboxId) implements RuntimeDifference {}

    /** A pod runs that the state lacks, has as stopped in another sandbox, or knows only by its CPUs. */
    record Unknown(RuntimeContents.Sandbox sandbox) implements RuntimeDifference {}

    /** A container that the state has does not run any more. */
    record Vanished(String uid, ContainerState container) implements RuntimeDifference {}

    /** A container runs that the state lacks, in a pod that it has. */
    record Appeared(String uid, RuntimeContents.Container container) implements RuntimeDifference {}

    /**
     * A possible difference from which the brain must not conclude anything.
     *
     * @param why the reason, for the log
     */
    record Open(PodState pod, String why) implements RuntimeDifference {}

    /** Returns the ids of all sandboxes and containers in a state. */
    static Set<String> idsIn(NodeState state) {
        Set<String> ids = new HashSet<>();
        for (PodState pod : state.pods()) {
            ids.add(pod.sandboxId());
            pod.containers().forEach(container -> ids.add(container.id()));
        }
        ids.remove("");
        return ids;
    }

    /**
     * Returns all differences in an order in which they can be dealt with: pods that are gone give back CPUs before new
     * pods need them.
     *
     * @param before the state when the runtime was asked
     * @param now the state now: of pods that have changed since, the answer may be out of date
     */
    static List<RuntimeDifference> between(NodeState before, NodeState now, RuntimeContents contents) {
        Map<String, RuntimeContents.Sandbox> byId = new HashMap<>();
        contents.sandboxes().forEach(sandbox -> byId.put(sandbox.id(), sandbox));
        Map<String, RuntimeContents.Sandbox> running = newestRunning(contents.sandboxes());
        List<RuntimeDifference> left = new ArrayList<>();
        List<RuntimeDifference> come = new ArrayList<>();
        List<RuntimeDifference> inside = new ArrayList<>();
        for (PodState pod : now.pods()) {
            if (pod.phase() == PodPhase.STARTING || pod.isFound()) {
                continue; // a call on it is under way, or it is a found pod, of which only its sandbox can tell more
            }
            RuntimeContents.Sandbox mine = byId.get(pod.sandboxId());
            RuntimeContents.Sandbox other = running.get(pod.uid());
            if (!pod.equals(before.pod(pod.uid()).orElse(null))) {
                left.add(new Open(pod, "it changed while the runtime was asked"));
            } else if (pod.phase() == PodPhase.STOPPED) {
                if (mine == null && other == null) {
                    left.add(gone(pod, contents));
                }
            } else if (mine != null && mine.ready()) {
                compareContainers(pod, mine.id(), contents, inside);
            } else if (other != null) {
                come.add(new NewSandbox(pod, other.id()));
                compareContainers(pod, other.id(), contents, inside);
            } else {
                left.add(mine == null ? gone(pod, contents) : new Ended(pod));
            }
        }
        for (RuntimeContents.Sandbox sandbox : running.values()) {
            if (isUnknown(sandbox, before, now)) {
                come.add(new Unknown(sandbox));
            }
        }
        left.addAll(come);
        left.addAll(inside);
        return left;
    }

    /**
     * Returns that the pod is gone; undecided if the answer has no sandbox at all, for then the runtime has probably
     * not read its own state yet.
     */
    private static RuntimeDifference gone(PodState pod, RuntimeContents contents) {
        return contents.sandboxes().isEmpty() ? new Open(pod, "the runtime lists no sandbox at all") : new Gone(pod);
    }

    /** Returns the newest running sandbox of each pod; pods without a uid are told apart by their sandboxes. */
    private static Map<String, RuntimeContents.Sandbox> newestRunning(Collection<RuntimeContents.Sandbox> sandboxes) {
        Map<String, RuntimeContents.Sandbox> newest = new LinkedHashMap<>();
        for (RuntimeContents.Sandbox sandbox : sandboxes) {
            if (sandbox.ready()) {
                String uid = sandbox.pod().uid();
                newest.merge(
                        uid.isEmpty() ? sandbox.id() : uid,
                        sandbox,
                        (one, two) -> two.createdAtNanos() > one.createdAtNanos() ? two : one);
            }
        }
        return newest;
    }

    private static boolean isUnknown(RuntimeContents.Sandbox sandbox, NodeState before, NodeState now) {
        @Nullable PodState known = now.pod(sandbox.pod().uid()).orElse(null);
        @Nullable PodState asked = before.pod(sandbox.pod().uid()).orElse(null);
        if (known == null) {
            return asked == null; // else the pod ended while the runtime was asked
        }
        boolean stopped = known.phase() == PodPhase.STOPPED && known.equals(asked);
        return known.isFound() || (stopped && !known.sandboxId().equals(sandbox.id()));
    }

    private static void compareContainers(
            PodState pod, String sandboxId, RuntimeContents contents, List<RuntimeDifference> into) {
        List<RuntimeContents.Container> live = contents.liveIn(sandboxId);
        for (ContainerState container : pod.containers()) {
            boolean isLive = live.stream().anyMatch(there -> there.id().equals(container.id()));
            if (!container.id().isEmpty() && !isLive) {
                into.add(new Vanished(pod.uid(), container));
            }
        }
        for (RuntimeContents.Container container : live) {
            if (pod.container(container.id()).isEmpty()) {
                into.add(new Appeared(pod.uid(), container));
            }
        }
    }
}
