package io.podslice.node;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.cgroups.Step;
import io.podslice.node.Enforcer.Enforcement;
import io.podslice.node.pool.CpusetChange;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the cgroups, and with them the saved state, from one state to the next: all of it or nothing. Guarded by the
 * brain's lock.
 */
final class Changes {
    private static final Logger log = LoggerFactory.getLogger(Changes.class);

    private final CgroupFiles files;
    private final PlanRunner runner;
    private final Ledger ledger;
    private final Enforcer enforcer;
    private final MemoryEnforcer memory;
    private final PlanListener listener;

    Changes(CgroupFiles files, Ledger ledger, Enforcer enforcer, MemoryEnforcer memory, PlanListener listener) {
        this.files = files;
        this.runner = new PlanRunner(files);
        this.ledger = ledger;
        this.enforcer = enforcer;
        this.memory = memory;
        this.listener = listener;
    }

    /**
     * Writes the CPU sets and memory protection that a state wants, and makes it the state.
     *
     * @throws CgroupException if the kernel refuses a write; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    void enforce(NodeState next, String occasion) {
        enforce(next, List.of(), Changes::cpusetsAlone, null, occasion);
    }

    /** Keeps a cgroup that has just come off the CPUs of pods that have their own, where no cgroup above it does. */
    void cover(CgroupPath path) {
        if (!enforcer.covers(path)) {
            enforce(ledger.state(), "cover " + path);
        }
    }

    private static Plan cpusetsAlone(CpusetChange change) {
        return change.shrinks().then(change.widens());
    }

    /**
     * The same with more to be written.
     *
     * @param first what comes before anything else, each plan in its turn
     * @param main what is written then, made from the change of CPU sets
     * @param checked a pod whose CPUs must really be its own afterwards; null for none
     * @return what has been changed, in order
     */
    List<AppliedStep> enforce(
            NodeState next,
            List<Plan> first,
            Function<CpusetChange, Plan> main,
            @Nullable PodState checked,
            String occasion) {
        Transaction transaction = new Transaction(runner);
        Enforcement enforcement;
        MemoryEnforcer.Rise rise;
        try {
            transaction.apply(memory.lowers(next, files));
            first.forEach(transaction::apply);
            enforcement = enforcer.of(next);
            transaction.apply(main.apply(enforcement.change()));
            rise = memory.raises(next, files);
            transaction.apply(rise.plan());
            if (checked != null) {
                check(checked, enforcement.change());
            }
            ledger.commit(next);
        } catch (CgroupException | StateException e) {
            transaction.undo();
            throw e;
        }
        enforcer.isInForce(enforcement);
        memory.isInForce(rise);
        List<AppliedStep> steps = transaction.steps();
        if (!steps.isEmpty()) {
            listener.applied(occasion, steps);
        }
        return steps;
    }

    private void check(PodState pod, CpusetChange change) {
        String complaint = enforcer.complaint(pod, change);
        if (complaint != null) {
            throw new CgroupException(Errno.EBUSY, pod.cgroup() + "/cpuset.cpus.effective", null, complaint);
        }
    }

    /**
     * Makes it the state, whatever goes wrong: for what has happened and cannot be refused, such as that somebody has
     * gone. A cgroup that cannot be written stays as it is, too narrow at worst, until the next change or sweep.
     */
    void accept(NodeState next, String occasion) {
        Transaction transaction = new Transaction(runner);
        try {
            Enforcement enforcement = enforcer.of(next);
            transaction.apply(cpusetsAlone(enforcement.change()));
            enforcer.isInForce(enforcement);
        } catch (CgroupException e) {
            log.error("{}: {}; to be tried again", occasion, e.getMessage(), e);
        }
        try {
            transaction.apply(memory.lowers(next, files));
            MemoryEnforcer.Rise rise = memory.raises(next, files);
            transaction.apply(rise.plan());
            memory.isInForce(rise);
        } catch (CgroupException e) {
            log.error("{}: {}; to be tried again", occasion, e.getMessage(), e);
        }
        ledger.accept(next);
        List<AppliedStep> steps = transaction.steps();
        if (!steps.isEmpty()) {
            listener.applied(occasion, steps);
        }
    }

    /** Makes a state the state that wants the same CPU sets as the one before. */
    void note(NodeState next) {
        ledger.commit(next);
    }

    /** Applies a plan that puts something back; what the kernel refuses is logged. */
    void putBack(Plan plan, String occasion) {
        try {
            List<AppliedStep> steps = runner.apply(plan).steps();
            if (!steps.isEmpty()) {
                listener.applied(occasion, steps);
            }
        } catch (CgroupException e) {
            log.warn("{}: {}", occasion, e.getMessage());
        }
    }

    /** Removes the cgroup that podslice made for a pod; whoever still uses it keeps it. */
    void removeCgroup(PodState pod) {
        putBack(Plan.of(new Step.RemoveCgroup(pod.cgroup())), "remove cgroup of " + pod.fullName());
    }
}
