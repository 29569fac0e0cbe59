package io.podslice.node.change;

import io.podslice.cgroups.AppliedPlan;
import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.Step;
import io.podslice.node.PodPhase;
import io.podslice.node.state.Extent;
import io.podslice.node.state.Guard;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import io.podslice.node.state.RepairBudget;
import io.podslice.node.state.RoundRobin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drift of pods' budgets: looks at the cgroups of a few pods in each sweep. {@code systemctl daemon-reload} resets values
 * that systemd has not been told of.
 */
public final class BudgetDrift {
    private static final Logger log = LoggerFactory.getLogger(BudgetDrift.class);

    /** Pods that a sweep reads, so that its cost does not grow with the number of pods. */
    private static final int PODS_A_SWEEP = 2;

    private static final String SUSPICION = "systemd does that, which resets at daemon-reload what it was not told of";

    private final Guard guard;
    private final CgroupFiles files;
    private final MemoryInUse inUse;
    private final RepairBudget repairs = new RepairBudget(log::warn);

    /** Cgroups that use more memory than podslice's limit, of which a warning has told. */
    private final Set<CgroupPath> overused = new HashSet<>();

    /** Pods' cgroups whose {@code cpu.idle} is 1, of which a warning has told. */
    private final Set<CgroupPath> idle = new HashSet<>();

    /** Uids of the pods to look at. */
    private final RoundRobin<String> tour = new RoundRobin<>(PODS_A_SWEEP);

    /** @param guard the brain's lock */
    public BudgetDrift(Guard guard, CgroupFiles files) {
        this.guard = guard;
        this.files = files;
        this.inUse = new MemoryInUse(files);
    }

    /** Reads the next pods' cgroups, or all, and returns a plan for each pod that needs a repair. */
    public List<Plan> repairs(NodeState state, Extent extent) {
        guard.assertHeld();
        repairs.beginSweep();
        List<Plan> plans = new ArrayList<>();
        for (String uid : extent == Extent.ALL ? uids(state) : tour.next(() -> uids(state))) {
            state.pod(uid).filter(BudgetDrift::isOurs).ifPresent(pod -> inspect(pod, plans));
        }
        return plans;
    }

    private List<String> uids(NodeState state) {
        List<String> uids = new ArrayList<>();
        List<CgroupPath> cgroups = new ArrayList<>();
        for (PodState pod : state.pods()) {
            uids.add(pod.uid());
            cgroups.add(pod.cgroup());
        }
        repairs.forgetBut(cgroups);
        overused.retainAll(Set.copyOf(cgroups));
        idle.retainAll(Set.copyOf(cgroups));
        return uids;
    }

    /**
     * Tells if podslice repairs the pod's budget. The kubelet does so for a pod whose budget is its affair; a pod whose
     * memory a resize is reclaiming is about to change.
     */
    private static boolean isOurs(PodState pod) {
        return pod.phase() == PodPhase.RUNNING && pod.ownsBudget() && !pod.isReclaiming();
    }

    private void inspect(PodState pod, List<Plan> plans) {
        Plan values = PodCgroup.values(pod.cgroup(), pod.budget(), List.of());
        Map<Step, AppliedStep> wrong = new HashMap<>();
        try {
            AppliedPlan drafted = new PlanRunner(new DraftCgroups(files)).apply(values);
            for (AppliedStep step : drafted.steps()) {
                wrong.put(step.step(), step);
            }
            noteIdle(pod, !drafted.overruled().isEmpty());
        } catch (CgroupException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return; // the pod is gone: the search for lost pods finds that out
            }
            throw e;
        }
        List<Step> due = new ArrayList<>();
        for (Step step : values.steps()) {
            if (step instanceof Step.WriteFile write
                    && !(wrong.containsKey(step) && wouldKill(write))
                    && isDue(write, wrong.get(step))) {
                due.add(write);
            }
        }
        if (!due.isEmpty()) {
            plans.add(new Plan(due));
        }
    }

    /** Says once that a pod's weight has no effect; the draft leaves out its write, which the kernel would refuse. */
    private void noteIdle(PodState pod, boolean isIdle) {
        if (!isIdle) {
            idle.remove(pod.cgroup());
        } else if (idle.add(pod.cgroup())) {
            log.warn(
                    "cpu.idle of {} is 1: the kernel takes no cpu.weight there, and podslice's {} has no effect until"
                            + " it is 0",
                    pod.cgroup(),
                    PodCgroup.weight(pod.budget().cgroup()));
        }
    }

    /**
     * Tells if a memory limit is below what the pod uses, so that the kernel would kill for it. It is reported once, and
     * repaired when the usage has come below it; a resize reclaims memory first.
     */
    private boolean wouldKill(Step.WriteFile write) {
        if (!write.file().equals(CgroupFile.MEMORY_MAX)) {
            return false;
        }
        if (!inUse.forbids(write)) {
            overused.remove(write.path());
            return false;
        }
        if (overused.add(write.path())) {
            log.warn(
                    "{} of {}: another program has raised podslice's {}, and {} bytes are in use: it stays until less is",
                    write.file(),
                    write.path(),
                    write.value(),
                    inUse.of(write.path()));
        }
        return true;
    }

    /** @param drafted the write as it would change the file; null if the file is right */
    private boolean isDue(Step.WriteFile write, @Nullable AppliedStep drafted) {
        if (drafted == null) {
            repairs.right(write.path(), write.file());
            return false;
        }
        return repairs.wrong(write.path(), write.file(), drafted.before(), write.value(), () -> SUSPICION);
    }
}
