package io.podslice.cgroups;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Applies plans; the only class that does. Several threads may use it at once, if the {@link CgroupFiles} below allows
 * it; callers must not let two plans for one cgroup run at once.
 */
public final class PlanRunner {
    /**
     * The files that are restored when the removal of a cgroup is undone; protections and bursts come after the limits
     * that bound them.
     */
    private static final List<String> SETTINGS = List.of(
            CgroupFile.CPUSET_MEMS,
            CgroupFile.CPUSET_CPUS,
            CgroupFile.CPUSET_CPUS_EXCLUSIVE,
            CgroupFile.CPUSET_CPUS_PARTITION,
            CgroupFile.CPU_MAX,
            CgroupFile.CPU_MAX_BURST,
            CgroupFile.CPU_IDLE,
            CgroupFile.CPU_WEIGHT,
            CgroupFile.MEMORY_MAX,
            CgroupFile.MEMORY_HIGH,
            CgroupFile.MEMORY_LOW,
            CgroupFile.MEMORY_MIN,
            "memory.swap.max",
            "memory.oom.group",
            "pids.max");

    /** The huge page sizes of all architectures that Linux runs on; one machine has a few of them. */
    private static final List<HugePageSize> HUGE_PAGE_SIZES = Stream.of(
                    "64KB", "1MB", "2MB", "8MB", "16MB", "32MB", "256MB", "512MB", "1GB", "2GB", "16GB")
            .map(HugePageSize::parse)
            .toList();

    private final CgroupFiles files;

    public PlanRunner(CgroupFiles files) {
        this.files = files;
    }

    /**
     * Applies the steps in order. Before each step it reads the present value; a step that would change nothing is left
     * out, and so is one that the kernel would refuse whatever it says. A write that the kernel takes only after
     * another is preceded by that one ({@link KernelChecks}). A partition that the kernel makes invalid is a failure
     * with EINVAL. When a step fails, the steps before it are undone, last first.
     *
     * @return the steps that changed something
     * @throws CgroupException with the failed step's errno and that failure as its cause; {@link
     *     CgroupException#leftBehind} lists what could not be undone, and the exceptions met while undoing are
     *     suppressed ones
     */
    public AppliedPlan apply(Plan plan) {
        List<AppliedStep> applied = new ArrayList<>();
        LeftOut leftOut = new LeftOut(new ArrayList<>(), new ArrayList<>());
        for (Step step : plan.steps()) {
            try {
                apply(step, applied, leftOut);
            } catch (CgroupException e) {
                throw undone(e, applied);
            }
        }
        return new AppliedPlan(applied, leftOut.gone(), leftOut.overruled());
    }

    /** Steps that are left out so far, as {@link AppliedPlan} has them. */
    private record LeftOut(List<Step> gone, List<Step> overruled) {}

    private void apply(Step step, List<AppliedStep> applied, LeftOut leftOut) {
        switch (step) {
            case Step.CreateCgroup create -> create(create, applied);
            case Step.RemoveCgroup remove -> remove(remove, applied);
            case Step.EnableControllers enable -> enable(enable, applied);
            case Step.WriteFile write -> write(write, applied, leftOut);
        }
    }

    private void create(Step.CreateCgroup step, List<AppliedStep> applied) {
        try {
            files.create(step.path());
        } catch (CgroupException e) {
            if (e.errno() == Errno.EEXIST) {
                return;
            }
            throw e;
        }
        applied.add(new AppliedStep(step, "", "", List.of(new Step.RemoveCgroup(step.path()))));
    }

    private void remove(Step.RemoveCgroup step, List<AppliedStep> applied) {
        if (!files.exists(step.path())) {
            return;
        }
        List<Step> inverse = new ArrayList<>();
        inverse.add(new Step.CreateCgroup(step.path()));
        for (String file : SETTINGS) {
            addSetting(step.path(), file, inverse);
        }
        for (HugePageSize size : HUGE_PAGE_SIZES) {
            addSetting(step.path(), size.limitFile(), inverse);
        }
        files.remove(step.path());
        applied.add(new AppliedStep(step, "", "", inverse));
    }

    /**
     * Adds the write that restores a file of a removed cgroup. Most files have a new cgroup's default, and their writes
     * are left out when the inverse is applied.
     */
    private void addSetting(CgroupPath path, String file, List<Step> inverse) {
        if (files.hasFile(path, file)) {
            inverse.add(new Step.WriteFile(path, file, NormalForm.writable(file, files.read(path, file))));
        }
    }

    private void enable(Step.EnableControllers step, List<AppliedStep> applied) {
        String before = files.read(step.path(), CgroupFile.SUBTREE_CONTROL);
        Set<String> missing = new LinkedHashSet<>(step.controllers());
        missing.retainAll(Controllers.parse(files.read(step.path(), CgroupFile.CONTROLLERS)));
        missing.removeAll(Controllers.parse(before));
        if (missing.isEmpty()) {
            return;
        }
        files.write(step.path(), CgroupFile.SUBTREE_CONTROL, "+" + String.join(" +", missing));
        applied.add(new AppliedStep(step, before, files.read(step.path(), CgroupFile.SUBTREE_CONTROL), List.of()));
    }

    private void write(Step.WriteFile step, List<AppliedStep> applied, LeftOut leftOut) {
        String before;
        try {
            before = files.read(step.path(), step.file());
            if (NormalForm.sameValue(step.file(), before, step.value(), files.pageBytes())) {
                return;
            }
            if (KernelChecks.isOverruled(files, step)) {
                leftOut.overruled().add(step);
                return;
            }
            Step.WriteFile needed = KernelChecks.before(files, step);
            if (needed != null) {
                write(needed, applied, leftOut);
            }
            set(step);
        } catch (CgroupException e) {
            if (!toleratedAsGone(step, e)) {
                throw e;
            }
            leftOut.gone().add(step);
            return;
        }
        String writable = NormalForm.writable(step.file(), before);
        Step inverse = new Step.WriteFile(step.path(), step.file(), writable, step.mayBeGone());
        // The write has happened: from here on a failure must undo it, even where reading back fails.
        applied.add(new AppliedStep(step, before, step.value(), List.of(inverse)));
        try {
            String after = files.read(step.path(), step.file());
            checkPartition(step, after);
            applied.removeLast();
            if (!after.equals(before)) {
                applied.add(new AppliedStep(step, before, after, List.of(inverse)));
            }
        } catch (CgroupException e) {
            if (!toleratedAsGone(step, e)) {
                throw e;
            }
        }
    }

    private void set(Step.WriteFile step) {
        try {
            files.write(step.path(), step.file(), step.value());
        } catch (CgroupException e) {
            boolean emptied = step.value().isBlank()
                    && (step.file().equals(CgroupFile.CPUSET_CPUS)
                            || step.file().equals(CgroupFile.CPUSET_MEMS));
            if (!emptied || e.errno() != Errno.ENOSPC) {
                throw e;
            }
            // A CPU set cannot be emptied while processes live in the cgroup or below it; the root's whole set
            // restricts them as little.
            files.write(step.path(), step.file(), WholeSet.of(files, step.path(), step.file()));
        }
    }

    /**
     * Fails where the kernel has taken the write and made an invalid partition of it, which it tells by the file's text
     * alone, such as {@code root invalid (Invalid cpu list in cpuset.cpus.exclusive)}.
     */
    private static void checkPartition(Step.WriteFile step, String after) {
        if (step.file().equals(CgroupFile.CPUSET_CPUS_PARTITION) && after.contains(" invalid")) {
            throw new CgroupException(
                    Errno.EINVAL,
                    Step.fileOf(step.path(), step.file()),
                    step.value(),
                    "the kernel says \"" + after + "\"");
        }
    }

    /**
     * Tells if the failure means that the cgroup is gone and the step allows for that. The kernel answers ENODEV for a
     * file that was opened just before its cgroup went.
     */
    private boolean toleratedAsGone(Step.WriteFile step, CgroupException e) {
        boolean vanished = e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV;
        return step.mayBeGone() && vanished && !files.exists(step.path());
    }

    private CgroupException undone(CgroupException cause, List<AppliedStep> applied) {
        int undone = 0;
        List<String> leftBehind = new ArrayList<>();
        List<CgroupException> failures = new ArrayList<>();
        for (AppliedStep step : applied.reversed()) {
            try {
                for (Step inverse : step.inverse()) {
                    apply(inverse, new ArrayList<>(), new LeftOut(new ArrayList<>(), new ArrayList<>()));
                }
                undone += step.inverse().isEmpty() ? 0 : 1;
            } catch (CgroupException e) {
                leftBehind.add(step.describe());
                failures.add(e);
            }
        }
        CgroupException thrown = CgroupException.planFailed(cause, undone, leftBehind);
        failures.forEach(thrown::addSuppressed);
        return thrown;
    }
}
