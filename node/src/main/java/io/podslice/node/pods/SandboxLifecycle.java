package io.podslice.node.pods;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.node.PodPhase;
import io.podslice.node.change.Changes;
import io.podslice.node.pods.Admission.Outcome.Admitted;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What follows a pod's admission: its sandbox runs, or does not, or runs no longer. Guarded by the brain's lock. */
public final class SandboxLifecycle {
    private final Clock clock;
    private final Ledger ledger;
    private final Changes changes;

    /** What was changed in the cgroups of pods whose sandbox has not been answered for yet, by uid. */
    private final Map<String, List<AppliedStep>> unanswered = new HashMap<>();

    public SandboxLifecycle(Clock clock, Ledger ledger, Changes changes) {
        this.clock = clock;
        this.ledger = ledger;
        this.changes = changes;
    }

    /** Remembers what an admission has changed until its sandbox is answered for. */
    public void expect(Admitted admitted) {
        PodState before = admitted.before();
        if (before == null || !before.phase().awaitsSandbox()) {
            unanswered.remove(admitted.pod().uid());
        }
        unanswered
                .computeIfAbsent(admitted.pod().uid(), uid -> new ArrayList<>())
                .addAll(admitted.steps());
    }

    /** The pod's sandbox runs: its own cgroup takes over what the pod's kept so far. */
    public void started(PodState admitted, String sandboxId) {
        PodState pod = current(admitted);
        if (pod != null) {
            NodeState next = ledger.state().with(pod.withPhase(PodPhase.RUNNING, sandboxId, clock.instant()));
            String occasion = "start " + pod.fullName();
            if (pod.inferred()) {
                changes.accept(next, occasion);
            } else {
                changes.enforce(next, occasion);
            }
            unanswered.remove(pod.uid());
        }
    }

    /** The pod's sandbox does not run: the pod has never been here. */
    public void notStarted(Admitted admitted) {
        PodState pod = current(admitted.pod());
        if (pod == null) {
            return;
        }
        PodState before = admitted.before();
        NodeState next;
        if (before != null
                && before.phase() == PodPhase.RUNNING
                && before.placement().equals(pod.placement())) {
            next = ledger.state().without(pod.uid()).with(before);
        } else {
            boolean restored = restoreCgroup(pod);
            next = restored ? ledger.state().without(pod.uid()) : ledger.state().with(released(pod, ""));
        }
        unanswered.remove(pod.uid());
        changes.accept(next, "give back " + pod.fullName());
    }

    /** Null if the pod has gone, or has been admitted anew since. */
    private @Nullable PodState current(PodState admitted) {
        PodState pod = ledger.state().pod(admitted.uid()).orElse(null);
        return pod != null && pod.serial() == admitted.serial() && pod.phase().awaitsSandbox() ? pod : null;
    }

    /**
     * Removes the cgroup that was made for the pod, or puts back what it said before; its CPU set is the pools' care.
     *
     * @return false if it is still to be removed, since a sandbox that podslice refused in the end lives there yet
     */
    private boolean restoreCgroup(PodState pod) {
        if (pod.madeCgroup()) {
            return changes.removeCgroup(pod);
        }
        List<Step> steps = new ArrayList<>();
        for (AppliedStep applied : unanswered.getOrDefault(pod.uid(), List.of()).reversed()) {
            for (Step inverse : applied.inverse()) {
                if (inverse instanceof Step.WriteFile write
                        && write.path().equals(pod.cgroup())
                        && !write.file().equals("cpuset.cpus")) {
                    steps.add(new Step.WriteFile(write.path(), write.file(), write.value(), true));
                }
            }
        }
        changes.putBack(new Plan(steps), "put back the cgroup of " + pod.fullName());
        return true;
    }

    /** The pod without anything of its own. */
    private PodState released(PodState pod, String sandboxId) {
        return pod.withPhase(PodPhase.STOPPED, sandboxId, clock.instant())
                .withoutContainers(container -> true)
                .withPlacement(pod.placement().released());
    }

    /** The sandbox is stopped: the pod's CPUs go back, and its cgroup if it is podslice's. */
    public void stopped(String sandboxId) {
        PodState pod = ledger.state().ofSandbox(sandboxId).orElse(null);
        if (pod == null || pod.phase() == PodPhase.STOPPED) {
            return;
        }
        if (pod.madeCgroup()) {
            changes.removeCgroup(pod);
        }
        changes.accept(ledger.state().with(released(pod, sandboxId)), "stop " + pod.fullName());
    }

    /** The sandbox is removed, perhaps without having been stopped. */
    public void removed(String sandboxId) {
        PodState pod = ledger.state().ofSandbox(sandboxId).orElse(null);
        if (pod == null) {
            return;
        }
        if (pod.madeCgroup()) {
            changes.removeCgroup(pod);
        }
        changes.accept(ledger.state().without(pod.uid()), "remove " + pod.fullName());
    }
}
