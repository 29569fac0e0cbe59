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
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import io.podslice.node.PlanListener;
import io.podslice.node.PodName;
import io.podslice.node.StateException;
import io.podslice.node.cpuset.CpusetChange;
import io.podslice.node.cpuset.Enforcer;
import io.podslice.node.cpuset.Enforcer.Enforcement;
import io.podslice.node.cpuset.PartitionDraft;
import io.podslice.node.cpuset.Partitioning;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.memory.MemoryEnforcer;
import io.podslice.node.state.Extent;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the cgroups, and with them the saved state, from one state to the next: a plan is drafted on a copy of the tree,
 * verified, journaled, and only then written. The one place where plans are applied; those that restore earlier values
 * are not verified.
 *
 * <p>Two questions tell which method makes a state the current one. Must cgroups be written for it? And may it fail, as
 * a request that is then refused, or is it a fact already, such as the end of a container?
 *
 * <table> <caption>Ways to a next state</caption> <tr><th></th><th>writes cgroups and saves</th><th>saves only: the
 * cgroups say what they must already</th></tr> <tr><td>may fail: all or nothing, throws</td><td>{@code
 * enforceOrThrow}</td><td>{@code saveOrThrow}</td></tr> <tr><td>has happened: becomes the state in any
 * case</td><td>{@code enforceAnyway}</td><td>{@code saveAnyway}</td></tr> </table>
 */
public final class Changes {
    private static final Logger log = LoggerFactory.getLogger(Changes.class);

    /** Attempts at writes for which no request can be refused: the kernel may be busy for a moment. */
    private static final int ATTEMPTS = 3;

    private final CgroupFiles files;
    private final PlanRunner runner;
    private final MemoryInUse inUse;
    private final PresentMachine machine;
    private final Ledger ledger;
    private final Enforcer enforcer;
    private final Partitioning partitioning;
    private final MemoryEnforcer memory;
    private final PlanListener listener;
    private final NodeMeter meter;

    public Changes(
            CgroupFiles files,
            PresentMachine machine,
            Ledger ledger,
            Enforcer enforcer,
            Partitioning partitioning,
            MemoryEnforcer memory,
            PlanListener listener,
            NodeMeter meter) {
        this.files = files;
        this.runner = new PlanRunner(files);
        this.inUse = new MemoryInUse(files);
        this.machine = machine;
        this.ledger = ledger;
        this.enforcer = enforcer;
        this.partitioning = partitioning;
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
    public void enforceOrThrow(NodeState next, String occasion) {
        enforceOrThrow(next, List.of(), Changes::cpusetsAlone, null, occasion);
    }

    /**
     * Restricts a cgroup that has just appeared to its desired cpuset, unless a cgroup above it is restricted already.
     */
    public void cover(CgroupPath path) {
        if (!enforcer.covers(path)) {
            enforceOrThrow(ledger.state(), "cover " + path);
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
     * @throws CgroupException if the kernel refuses a write; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    public List<AppliedStep> enforceOrThrow(
            NodeState next,
            List<Plan> first,
            Function<CpusetChange, Plan> main,
            @Nullable PodState checked,
            String occasion) {
        return attempt(
                next,
                () -> partitioning.draft(next),
                checked,
                partitions -> carryOut(draft(next, first, main, enforcer::of, partitions), next, checked, occasion));
    }

    /**
     * Carries out a change, and where the kernel refuses a partition, again without it. Each attempt that fails has been
     * undone, and leaves at least one partition more to {@code cpuset.cpus}.
     */
    private <T> T attempt(
            NodeState next,
            Supplier<PartitionDraft> begin,
            @Nullable PodState required,
            Function<PartitionDraft, T> change) {
        while (true) {
            PartitionDraft partitions = begin.get();
            try {
                T done = change.apply(partitions);
                partitioning.adopt(partitions, next);
                return done;
            } catch (CgroupException e) {
                if (!partitioning.leave(partitions, e, required)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Repairs drift: brings the cgroups to the current state. Where the kernel refuses one of the plans, the others go
     * on.
     *
     * @param first plans that repair other values that were overwritten
     * @param extent the cgroups whose CPU sets are looked at
     * @throws CgroupException if the kernel refuses a CPU set or a memory protection
     */
    public void repair(List<Plan> first, Extent extent) {
        try {
            repairAll(first, extent);
            return;
        } catch (CgroupException e) {
            if (first.isEmpty()) {
                throw e;
            }
            log.error("repair: {}; each pod is repaired by itself", e.getMessage());
        }
        for (Plan plan : first) {
            try {
                repairAll(List.of(plan), extent);
            } catch (CgroupException e) {
                log.error("repair: {}; will be tried again", e.getMessage());
            }
        }
        repairAll(List.of(), extent);
    }

    private void repairAll(List<Plan> first, Extent extent) {
        NodeState state = ledger.state();
        List<AppliedStep> repairs = attempt(
                state,
                () -> partitioning.draftOfSweep(state),
                null,
                partitions -> carryOut(
                        draft(
                                state,
                                first,
                                Changes::cpusetsAlone,
                                (next, tree) -> enforcer.ofSweep(next, tree, extent),
                                partitions),
                        state,
                        null,
                        "repair"));
        for (AppliedStep step : repairs) {
            if (step.step() instanceof Step.WriteFile write) {
                meter.count(NodeCounter.REPAIRS, attribute(write.file()));
                meter.note(new NodeIncident.Repaired(
                        ownerOf(write.path(), state), write.path().value(), write.file(), step.before(), step.after()));
            }
        }
    }

    /** Returns the pod in whose cgroup this one is; {@link PodName#NONE} for one above pods. */
    private static PodName ownerOf(CgroupPath cgroup, NodeState state) {
        for (PodState pod : state.pods()) {
            if (cgroup.isWithin(pod.cgroup())) {
                return pod.podName();
            }
        }
        return PodName.NONE;
    }

    /** The file's name; one name for huge pages of all sizes. */
    private static String attribute(String file) {
        return file.startsWith("hugetlb.") ? NodeCounter.HUGE_PAGES : file;
    }

    private List<AppliedStep> carryOut(Draft draft, NodeState next, @Nullable PodState checked, String occasion) {
        if (draft.plan().steps().isEmpty()) {
            check(checked, draft);
            ledger.saveOrThrow(next, occasion);
            adopt(draft);
            return List.of();
        }
        verify(next, draft, occasion);
        ledger.begin(occasion, draft.plan(), next);
        AppliedPlan applied = apply(draft.plan());
        try {
            check(checked, draft);
            ledger.commitOrThrow(next);
        } catch (CgroupException | StateException e) {
            undo(applied, occasion);
            ledger.undone();
            throw e;
        }
        adopt(draft);
        tell(occasion, applied);
        return applied.steps();
    }

    /** Returns the steps by which {@link #enforceOrThrow} would change something, in order, without writing. */
    public List<AppliedStep> dryRun(NodeState next, Function<CpusetChange, Plan> main) {
        return draft(next, List.of(), main, enforcer::of, partitioning.draft(next))
                .plan()
                .steps();
    }

    private Draft draft(
            NodeState next,
            List<Plan> first,
            Function<CpusetChange, Plan> main,
            BiFunction<NodeState, CgroupFiles, Enforcement> cpusets,
            PartitionDraft partitions) {
        ledger.assertHeld();
        DraftCgroups tree = new DraftCgroups(files);
        PlanRunner drafting = new PlanRunner(tree);
        List<AppliedStep> steps = new ArrayList<>();
        steps.addAll(drafting.apply(memory.lowers(next, tree)).steps());
        for (Plan plan : first) {
            steps.addAll(drafting.apply(plan).steps());
        }
        partitions.read(tree);
        partitioning.noteInvalid(partitions);
        steps.addAll(drafting.apply(partitions.release(tree)).steps());
        Enforcement enforcement = cpusets.apply(next, tree);
        steps.addAll(drafting.apply(main.apply(enforcement.change())).steps());
        steps.addAll(drafting.apply(partitions.grant(tree)).steps());
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
                        files, next, draft.enforcement().present(), machine.cpus())
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
            enforcer.forget();
            ledger.undone();
            throw e;
        }
    }

    private void undo(AppliedPlan applied, String occasion) {
        enforcer.forget();
        try {
            runner.apply(inUse.allowed(applied.inverse(), "undo " + occasion));
        } catch (CgroupException e) {
            log.error("{}: could not be undone: {}", occasion, e.getMessage(), e);
        }
    }

    private void check(@Nullable PodState pod, Draft draft) {
        String complaint =
                pod == null ? null : enforcer.complaint(pod, draft.enforcement().change());
        if (pod != null && complaint != null) {
            throw new CgroupException(
                    Errno.EBUSY, Step.fileOf(pod.cgroup(), CgroupFile.CPUSET_CPUS_EFFECTIVE), null, complaint);
        }
    }

    /**
     * Makes a state the current one, and writes its desired CPU sets and memory protection as far as the kernel lets
     * it: for facts that cannot be refused, such as the end of a container. A cgroup that cannot be written stays as it
     * is, too narrow at worst, until the next change or sweep. Never throws for the kernel or the disk.
     */
    public void enforceAnyway(NodeState next, String occasion) {
        PartitionDraft partitions = partitioning.draft(next);
        Draft draft;
        try {
            draft = draft(next, List.of(), Changes::cpusetsAlone, enforcer::of, partitions);
            verify(next, draft, occasion);
        } catch (CgroupException e) {
            if (partitioning.leave(partitions, e, null)) {
                enforceAnyway(next, occasion);
                return;
            }
            log.error("{}: {}; will be tried again", occasion, e.getMessage(), e);
            ledger.saveAnyway(next, occasion);
            return;
        }
        if (draft.plan().steps().isEmpty()) {
            adopt(draft);
            partitioning.adopt(partitions, next);
            ledger.saveAnyway(next, occasion);
            return;
        }
        StateException unsaved = beginAnyway(draft.plan(), next, occasion);
        Attempt attempt = Attempt.FAILED;
        for (int i = 1; i <= ATTEMPTS && attempt == Attempt.FAILED; i++) {
            attempt = applied(draft, partitions, next, occasion);
        }
        commitAnyway(next, unsaved);
        if (attempt == Attempt.WITHOUT_PARTITION) {
            enforceAnyway(next, occasion);
        }
    }

    /** The outcome of an attempt at a change that cannot be refused. */
    private enum Attempt {
        DONE,
        FAILED,
        /** Undone because of a partition, without which the change must be drafted anew. */
        WITHOUT_PARTITION
    }

    private Attempt applied(Draft draft, PartitionDraft partitions, NodeState next, String occasion) {
        try {
            AppliedPlan applied = runner.apply(draft.plan().plan());
            adopt(draft);
            partitioning.adopt(partitions, next);
            tell(occasion, applied);
            return Attempt.DONE;
        } catch (CgroupException e) {
            enforcer.forget();
            if (partitioning.leave(partitions, e, null)) {
                return Attempt.WITHOUT_PARTITION;
            }
            log.error("{}: {}; an attempt has failed and will be made again", occasion, e.getMessage(), e);
            return Attempt.FAILED;
        }
    }

    /** Writes a plan and its state to the journal, and returns the failure to do so; null for none. */
    private @Nullable StateException beginAnyway(AppliedPlan plan, NodeState next, String occasion) {
        try {
            ledger.begin(occasion, plan, next);
            return null;
        } catch (StateException e) {
            return e;
        }
    }

    private void commitAnyway(NodeState next, @Nullable StateException unsaved) {
        if (unsaved != null) {
            ledger.keepUnsaved(next, unsaved);
        } else {
            ledger.commitAnyway(next);
        }
    }

    /**
     * Makes a state the current one whose desired CPU sets and memory protection the cgroups have already.
     *
     * @throws StateException if it cannot be saved; nothing has changed
     */
    public void saveOrThrow(NodeState next, String occasion) {
        ledger.assertHeld();
        ledger.saveOrThrow(next, occasion);
    }

    /**
     * Makes a state the current one whose desired CPU sets and memory protection the cgroups have already: for facts
     * that cannot be refused. A state that cannot be saved is kept in memory until it can.
     */
    public void saveAnyway(NodeState next, String occasion) {
        ledger.assertHeld();
        ledger.saveAnyway(next, occasion);
    }

    /** Applies a plan that restores earlier values; the kernel's refusal is logged. */
    public void putBack(Plan plan, String occasion) {
        ledger.assertHeld();
        try {
            AppliedPlan planned = new PlanRunner(new DraftCgroups(files)).apply(inUse.allowed(plan, occasion));
            if (planned.steps().isEmpty()) {
                return;
            }
            StateException unsaved = beginAnyway(planned, ledger.state(), occasion);
            AppliedPlan applied;
            if (unsaved == null) {
                applied = apply(planned);
                ledger.commitAnyway(ledger.state());
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
        ledger.assertHeld();
        if (undo.isEmpty()) {
            return;
        }
        List<AppliedStep> taken = new ArrayList<>();
        for (Step step : inUse.allowed(undo, "take back an unfinished change").steps()) {
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

    /** Removes the cgroup that podslice made for a pod; it stays while it has processes. Returns true if it is gone. */
    public boolean removeCgroup(PodState pod) {
        putBack(Plan.of(new Step.RemoveCgroup(pod.cgroup())), "remove cgroup of " + pod.fullName());
        return !files.exists(pod.cgroup());
    }
}
