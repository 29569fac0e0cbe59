package io.podslice.node.change;

import io.podslice.cgroups.AppliedPlan;
import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.Step;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeMeter;
import io.podslice.node.PlanListener;
import io.podslice.node.StateException;
import io.podslice.node.cpuset.CpusetChange;
import io.podslice.node.cpuset.Enforcer;
import io.podslice.node.cpuset.Enforcer.Enforcement;
import io.podslice.node.memory.MemoryEnforcer;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the cgroups, and with them the saved state, from one state to the next: all of it or nothing. The one place
 * where plans are applied: each is drafted on a copy of the tree, verified, journaled, and only then written. Guarded by
 * the brain's lock.
 */
public final class Changes {
    private static final Logger log = LoggerFactory.getLogger(Changes.class);

    /** Attempts at writes on account of which nothing can be refused; the kernel may be busy for a moment. */
    private static final int ATTEMPTS = 3;

    private final CgroupFiles files;
    private final PlanRunner runner;
    private final CpuSet cpus;
    private final Ledger ledger;
    private final Enforcer enforcer;
    private final MemoryEnforcer memory;
    private final PlanListener listener;
    private final NodeMeter meter;

    /** @param cpus every CPU of the machine */
    public Changes(
            CgroupFiles files,
            CpuSet cpus,
            Ledger ledger,
            Enforcer enforcer,
            MemoryEnforcer memory,
            PlanListener listener,
            NodeMeter meter) {
        this.files = files;
        this.runner = new PlanRunner(files);
        this.cpus = cpus;
        this.ledger = ledger;
        this.enforcer = enforcer;
        this.memory = memory;
        this.listener = listener;
        this.meter = meter;
    }

    /**
     * A change that has not been made yet.
     *
     * @param plan the steps that it will write, without those that change nothing, each with its inverse
     */
    private record Draft(AppliedPlan plan, Enforcement enforcement, MemoryEnforcer.Rise rise) {}

    /**
     * Writes a state's desired CPU sets and memory protection, and makes it the current state.
     *
     * @throws CgroupException if the kernel refuses a write; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    public void enforce(NodeState next, String occasion) {
        enforce(next, List.of(), Changes::cpusetsAlone, null, occasion);
    }

    /**
     * Restricts a cgroup that has just appeared to its desired cpuset, unless a cgroup above it is restricted already.
     */
    public void cover(CgroupPath path) {
        if (!enforcer.covers(path)) {
            enforce(ledger.state(), "cover " + path);
        }
    }

    private static Plan cpusetsAlone(CpusetChange change) {
        return change.shrinks().then(change.widens());
    }

    /**
     * Writes a state's desired CPU sets and memory protection together with other plans, and makes it the current
     * state.
     *
     * @param first plans that are written before the CPU sets, in order
     * @param main makes the plan that is written then from the change of CPU sets, which it includes
     * @param checked a pod whose CPUs must be its own by {@code cpuset.cpus.effective} afterwards; null for none
     * @return the steps that changed something, in order
     */
    public List<AppliedStep> enforce(
            NodeState next,
            List<Plan> first,
            Function<CpusetChange, Plan> main,
            @Nullable PodState checked,
            String occasion) {
        return carryOut(draft(next, first, main, enforcer::of), next, checked, occasion);
    }

    /**
     * Repairs drift: brings the cgroups to the current state.
     *
     * @param first plans that repair other values that were overwritten
     * @throws CgroupException if the kernel refuses a write; nothing has changed
     */
    public void repair(List<Plan> first) {
        NodeState state = ledger.state();
        for (AppliedStep step :
                carryOut(draft(state, first, Changes::cpusetsAlone, enforcer::ofSweep), state, null, "repair")) {
            if (step.step() instanceof Step.WriteFile write) {
                meter.count(NodeCounter.REPAIRS, attribute(write.file()));
            }
        }
    }

    /** The file's name; one name for huge pages of all sizes. */
    private static String attribute(String file) {
        return file.startsWith("hugetlb.") ? "hugetlb.max" : file;
    }

    private List<AppliedStep> carryOut(Draft draft, NodeState next, @Nullable PodState checked, String occasion) {
        if (draft.plan().steps().isEmpty()) {
            check(checked, draft);
            ledger.record(next, occasion);
            adopt(draft);
            return List.of();
        }
        verify(next, draft, occasion);
        ledger.begin(occasion, draft.plan(), next);
        AppliedPlan applied = apply(draft.plan());
        try {
            check(checked, draft);
            ledger.commit(next);
        } catch (CgroupException | StateException e) {
            undo(applied, occasion);
            ledger.undone();
            throw e;
        }
        adopt(draft);
        tell(occasion, applied);
        return applied.steps();
    }

    /** Returns the steps by which {@link #enforce} would change something, in order, without writing. */
    public List<AppliedStep> dryRun(NodeState next, Function<CpusetChange, Plan> main) {
        return draft(next, List.of(), main, enforcer::of).plan().steps();
    }

    private Draft draft(
            NodeState next,
            List<Plan> first,
            Function<CpusetChange, Plan> main,
            BiFunction<NodeState, CgroupFiles, Enforcement> cpusets) {
        DraftCgroups tree = new DraftCgroups(files);
        PlanRunner drafting = new PlanRunner(tree);
        List<AppliedStep> steps = new ArrayList<>();
        steps.addAll(drafting.apply(memory.lowers(next, tree)).steps());
        for (Plan plan : first) {
            steps.addAll(drafting.apply(plan).steps());
        }
        Enforcement enforcement = cpusets.apply(next, tree);
        steps.addAll(drafting.apply(main.apply(enforcement.change())).steps());
        MemoryEnforcer.Rise rise = memory.raises(next, tree);
        steps.addAll(drafting.apply(rise.plan()).steps());
        return new Draft(new AppliedPlan(steps, List.of()), enforcement, rise);
    }

    private void adopt(Draft draft) {
        enforcer.adopt(draft.enforcement());
        memory.adopt(draft.rise());
    }

    /** Stops a plan that would do harm: such a plan is a defect of podslice's own. */
    private void verify(NodeState next, Draft draft, String occasion) {
        Optional<String> harm = new PlanVerifier(
                        files, next, draft.enforcement().present(), cpus)
                .harm(draft.plan().steps());
        if (harm.isPresent()) {
            log.error(
                    "{}: this plan is not applied: {}\n{}",
                    occasion,
                    harm.get(),
                    draft.plan().describe());
            throw new CgroupException(Errno.EPERM, occasion, null, "the plan is not applied: " + harm.get());
        }
    }

    /**
     * Applies the plan that the journal has; if a step fails, the steps before it are undone, and the journal says so.
     */
    private AppliedPlan apply(AppliedPlan planned) {
        try {
            return runner.apply(planned.plan());
        } catch (CgroupException e) {
            ledger.undone();
            throw e;
        }
    }

    private void undo(AppliedPlan applied, String occasion) {
        try {
            runner.apply(applied.inverse());
        } catch (CgroupException e) {
            log.error("{}: could not be undone: {}", occasion, e.getMessage(), e);
        }
    }

    private void check(@Nullable PodState pod, Draft draft) {
        String complaint =
                pod == null ? null : enforcer.complaint(pod, draft.enforcement().change());
        if (pod != null && complaint != null) {
            throw new CgroupException(Errno.EBUSY, pod.cgroup() + "/cpuset.cpus.effective", null, complaint);
        }
    }

    /**
     * Makes a state the current one whatever goes wrong: for facts that cannot be refused, such as the end of a pod. A
     * cgroup that cannot be written stays as it is, too narrow at worst, until the next change or sweep.
     */
    public void accept(NodeState next, String occasion) {
        Draft draft;
        try {
            draft = draft(next, List.of(), Changes::cpusetsAlone, enforcer::of);
            verify(next, draft, occasion);
        } catch (CgroupException e) {
            log.error("{}: {}; will be tried again", occasion, e.getMessage(), e);
            record(next, occasion);
            return;
        }
        if (draft.plan().steps().isEmpty()) {
            adopt(draft);
            record(next, occasion);
            return;
        }
        StateException unsaved = begin(draft.plan(), next, occasion);
        for (int attempt = 1; attempt <= ATTEMPTS && !applied(draft, occasion); attempt++) {
            log.error("{}: attempt {} has failed", occasion, attempt);
        }
        commit(next, unsaved);
    }

    private boolean applied(Draft draft, String occasion) {
        try {
            AppliedPlan applied = runner.apply(draft.plan().plan());
            adopt(draft);
            tell(occasion, applied);
            return true;
        } catch (CgroupException e) {
            log.error("{}: {}; will be tried again", occasion, e.getMessage(), e);
            return false;
        }
    }

    /** Writes a plan and its state to the journal, and returns the failure to do so; null for none. */
    private @Nullable StateException begin(AppliedPlan plan, NodeState next, String occasion) {
        try {
            ledger.begin(occasion, plan, next);
            return null;
        } catch (StateException e) {
            return e;
        }
    }

    private void commit(NodeState next, @Nullable StateException unsaved) {
        if (unsaved != null) {
            ledger.keep(next, unsaved);
            return;
        }
        try {
            ledger.commit(next);
        } catch (StateException e) {
            ledger.keep(next, e);
        }
    }

    private void record(NodeState next, String occasion) {
        try {
            ledger.record(next, occasion);
        } catch (StateException e) {
            ledger.keep(next, e);
        }
    }

    /**
     * Makes a state the current one that needs no cgroup write, for its desired values are those of the state before.
     *
     * @throws StateException if it cannot be saved; nothing has changed
     */
    public void note(NodeState next, String occasion) {
        ledger.record(next, occasion);
    }

    /**
     * Makes a state the current one that needs no cgroup write and cannot be refused; if it cannot be saved, it is kept
     * in memory and saved later.
     */
    public void noteAnyway(NodeState next, String occasion) {
        record(next, occasion);
    }

    /** Applies a plan that restores earlier values; the kernel's refusal is logged. */
    public void putBack(Plan plan, String occasion) {
        try {
            AppliedPlan planned = new PlanRunner(new DraftCgroups(files)).apply(plan);
            if (planned.steps().isEmpty()) {
                return;
            }
            StateException unsaved = begin(planned, ledger.state(), occasion);
            AppliedPlan applied;
            if (unsaved == null) {
                applied = apply(planned);
                commit(ledger.state(), null);
            } else {
                log.warn("{}: {}", occasion, unsaved.getMessage());
                applied = runner.apply(planned.plan());
            }
            tell(occasion, applied);
        } catch (CgroupException e) {
            log.warn("{}: {}", occasion, e.getMessage());
        }
    }

    private void tell(String occasion, AppliedPlan applied) {
        if (!applied.steps().isEmpty()) {
            listener.applied(occasion, applied.steps());
        }
    }

    /**
     * Takes back, step by step, the change that an earlier run of podslice had begun when it died. A step that fails is
     * logged: the repair that follows brings the cgroups to the state.
     */
    public void takeBack(Plan undo) {
        if (undo.isEmpty()) {
            return;
        }
        List<AppliedStep> taken = new ArrayList<>();
        for (Step step : undo.steps()) {
            takeBack(step, taken);
        }
        tell("take back an unfinished change", new AppliedPlan(taken, List.of()));
    }

    /** Takes back one step. A failure is tried again at once, for there is no later occasion. */
    private void takeBack(Step step, List<AppliedStep> taken) {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try {
                taken.addAll(runner.apply(Plan.of(step)).steps());
                return;
            } catch (CgroupException e) {
                log.error("taking back an unfinished change, attempt {}: {}", attempt, e.getMessage(), e);
            }
        }
    }

    /**
     * Removes the cgroup that podslice made for a pod, and tells if it is gone. It stays while it has processes or
     * child cgroups.
     */
    public boolean removeCgroup(PodState pod) {
        putBack(Plan.of(new Step.RemoveCgroup(pod.cgroup())), "remove cgroup of " + pod.fullName());
        return !files.exists(pod.cgroup());
    }
}
