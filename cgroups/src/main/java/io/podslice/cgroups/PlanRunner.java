package io.podslice.cgroups;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The one place where plans are applied. Safe for use by several threads as far as the files are; plans that touch
 * the same cgroups are for the caller to serialise.
 */
public final class PlanRunner {
    /** Settings that are put back when the removal of a cgroup is undone; protections after the limits above them. */
    private static final List<String> SETTINGS = List.of(
            "cpuset.mems",
            "cpuset.cpus",
            "cpuset.cpus.exclusive",
            "cpuset.cpus.partition",
            "cpu.max",
            "cpu.weight",
            "memory.max",
            "memory.high",
            "memory.low",
            "memory.min",
            "memory.swap.max",
            "memory.oom.group",
            "pids.max");

    /** Every size of huge page that a Linux architecture has; a machine has a few of them. */
    private static final List<HugePageSize> HUGE_PAGE_SIZES = Stream.of(
                    "64KB", "1MB", "2MB", "8MB", "16MB", "32MB", "256MB", "512MB", "1GB", "2GB", "16GB")
            .map(HugePageSize::parse)
            .toList();

    private final CgroupFiles files;

    public PlanRunner(CgroupFiles files) {
        this.files = files;
    }

    /**
     * Applies the steps in order. Before each step it reads what is there; a step that would change nothing is left
     * out. When a step fails, those before it are undone, last first.
     *
     * @return what has changed
     * @throws CgroupException with the step's errno, the first failure as its cause; what could not be undone is in
     *     {@link CgroupException#leftBehind}, each with its own exception among the suppressed ones
     */
    public AppliedPlan apply(Plan plan) {
        List<AppliedStep> applied = new ArrayList<>();
        List<Step> gone = new ArrayList<>();
        for (Step step : plan.steps()) {
            try {
                apply(step, applied, gone);
            } catch (CgroupException e) {
                throw undone(e, applied);
            }
        }
        return new AppliedPlan(applied, gone);
    }

    private void apply(Step step, List<AppliedStep> applied, List<Step> gone) {
        switch (step) {
            case Step.CreateCgroup create -> create(create, applied);
            case Step.RemoveCgroup remove -> remove(remove, applied);
            case Step.EnableControllers enable -> enable(enable, applied);
            case Step.WriteFile write -> write(write, applied, gone);
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

    /** Most are what a new cgroup has, and then left out when the inverse is applied. */
    private void addSetting(CgroupPath path, String file, List<Step> inverse) {
        if (files.hasFile(path, file)) {
            inverse.add(new Step.WriteFile(path, file, NormalForm.writable(file, files.read(path, file))));
        }
    }

    private void enable(Step.EnableControllers step, List<AppliedStep> applied) {
        String before = files.read(step.path(), "cgroup.subtree_control");
        Set<String> missing = new LinkedHashSet<>(step.controllers());
        missing.retainAll(Controllers.parse(files.read(step.path(), "cgroup.controllers")));
        missing.removeAll(Controllers.parse(before));
        if (missing.isEmpty()) {
            return;
        }
        files.write(step.path(), "cgroup.subtree_control", "+" + String.join(" +", missing));
        applied.add(new AppliedStep(step, before, files.read(step.path(), "cgroup.subtree_control"), List.of()));
    }

    private void write(Step.WriteFile step, List<AppliedStep> applied, List<Step> gone) {
        String before;
        try {
            before = files.read(step.path(), step.file());
            if (NormalForm.sameValue(step.file(), before, step.value())) {
                return;
            }
            set(step);
        } catch (CgroupException e) {
            if (!toleratedAsGone(step, e)) {
                throw e;
            }
            gone.add(step);
            return;
        }
        String writable = NormalForm.writable(step.file(), before);
        Step inverse = new Step.WriteFile(step.path(), step.file(), writable, step.mayBeGone());
        // It has happened from here on and is to be undone, whatever reading back says.
        applied.add(new AppliedStep(step, before, step.value(), List.of(inverse)));
        try {
            String after = files.read(step.path(), step.file());
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
                    && (step.file().equals("cpuset.cpus") || step.file().equals("cpuset.mems"));
            if (!emptied || e.errno() != Errno.ENOSPC) {
                throw e;
            }
            // A set cannot be emptied while processes live in the cgroup or below; all there is restricts as little.
            files.write(step.path(), step.file(), files.read(CgroupPath.ROOT, step.file() + ".effective"));
        }
    }

    /** ENODEV is what the kernel says of a file that was opened just before its cgroup went. */
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
                    apply(inverse, new ArrayList<>(), new ArrayList<>());
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
