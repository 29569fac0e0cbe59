package io.podslice.node.pods;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
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

/**
 * Follows a pod's sandbox after the admission: until it runs or fails to start, and until it is stopped and removed.
 */
public final class SandboxLifecycle {
    private final CgroupFiles files;
    private final Clock clock;
    private final Ledger ledger;
    private final Changes changes;

    /** Steps that changed the cgroups of pods for whose sandbox the runtime has not answered yet, by uid. */
    private final Map<String, List<AppliedStep>> unanswered = new HashMap<>();

    public SandboxLifecycle(CgroupFiles files, Clock clock, Ledger ledger, Changes changes) {
        this.files = files;
        this.clock = clock;
        this.ledger = ledger;
        this.changes = changes;
    }

    /**
     * Tells if a sandbox is an earlier one of a pod that runs in another: NRI tells of it until it is removed. Its cgroup
     * has gone, and the pod's present sandbox has one.
     */
    public boolean hasEnded(PodState pod, String sandboxId) {
        ledger.assertHeld();
        return pod.phase() == PodPhase.RUNNING
                && !pod.sandboxId().isEmpty()
                && !pod.sandboxId().equals(sandboxId)
                && files.exists(pod.cgroupOf(pod.sandboxId()))
                && !files.exists(pod.cgroupOf(sandboxId));
    }

    /** Remembers the steps of an admission until the runtime has answered for its sandbox. */
    public void expect(Admitted admitted) {
        ledger.assertHeld();
        PodState before = admitted.before();
        if (before == null || !before.phase().awaitsSandbox()) {
            unanswered.remove(admitted.pod().uid());
        }
        unanswered
                .computeIfAbsent(admitted.pod().uid(), uid -> new ArrayList<>())
                .addAll(admitted.steps());
    }

    /** Takes note that the pod's sandbox runs: the CPU set of the sandbox's cgroup replaces that of the pod's. */
    public void started(PodState admitted, String sandboxId) {
        ledger.assertHeld();
        PodState pod = current(admitted);
        if (pod != null) {
            NodeState next = ledger.state().with(pod.withPhase(PodPhase.RUNNING, sandboxId, clock.instant()));
            String occasion = "start " + pod.fullName();
            if (pod.asks()) {
                changes.enforceOrThrow(next, occasion);
            } else {
                changes.enforceAnyway(next, occasion);
            }
            unanswered.remove(pod.uid());
        }
    }

    /** Takes an admission back: the pod's sandbox does not run. */
    public void notStarted(Admitted admitted) {
        ledger.assertHeld();
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
        changes.enforceAnyway(next, "give back " + pod.fullName());
    }

    /** Returns the pod's present state; null if the pod is gone, was admitted anew since, or has a sandbox already. */
    private @Nullable PodState current(PodState admitted) {
        PodState pod = ledger.state().pod(admitted.uid()).orElse(null);
        return pod != null && pod.serial() == admitted.serial() && pod.phase().awaitsSandbox() ? pod : null;
    }

    /**
     * Removes the cgroup that was made for the pod, or restores its earlier values. Its CPU set follows from the next
     * state.
     *
     * @return false if the cgroup could not be removed yet, because a sandbox that podslice refused in the end still
     *     runs there
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
                        && !write.file().equals(CgroupFile.CPUSET_CPUS)) {
                    steps.add(new Step.WriteFile(write.path(), write.file(), write.value(), true));
                }
            }
        }
        changes.putBack(new Plan(steps), "put back the cgroup of " + pod.fullName());
        return true;
    }

    /** Returns the pod stopped, without containers, CPUs or memory of its own. */
    private PodState released(PodState pod, String sandboxId) {
        return pod.withPhase(PodPhase.STOPPED, sandboxId, clock.instant())
                .withoutContainers(container -> true)
                .withPlacement(pod.placement().released());
    }

    /**
     * Takes note that the sandbox is stopped. A pod in a cgroup of the kubelet's keeps its CPUs and memory as long as that
     * cgroup is there: its sandbox may be made anew, and the kubelet's managers keep them too. A cgroup that podslice made
     * goes with the sandbox, and so does what the pod had.
     */
    public void stopped(String sandboxId) {
        ledger.assertHeld();
        PodState pod = ledger.state().ofSandbox(sandboxId).orElse(null);
        if (pod == null || pod.phase() == PodPhase.STOPPED) {
            return;
        }
        String occasion = "stop " + pod.fullName();
        if (pod.madeCgroup()) {
            changes.removeCgroup(pod);
            changes.enforceAnyway(ledger.state().with(released(pod, sandboxId)), occasion);
        } else {
            PodState stopped =
                    pod.withPhase(PodPhase.STOPPED, sandboxId, clock.instant()).withoutContainers(container -> true);
            changes.enforceAnyway(ledger.state().with(stopped), occasion);
        }
    }

    /** Takes note that the sandbox is removed, perhaps without having been stopped. */
    public void removed(String sandboxId) {
        ledger.assertHeld();
        PodState pod = ledger.state().ofSandbox(sandboxId).orElse(null);
        if (pod == null) {
            return;
        }
        if (pod.madeCgroup()) {
            changes.removeCgroup(pod);
        }
        changes.enforceAnyway(ledger.state().without(pod.uid()), "remove " + pod.fullName());
    }
}
