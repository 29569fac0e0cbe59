package io.podslice.node.change;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.Step;
import io.podslice.node.cpuset.Owners;
import io.podslice.node.state.NodeState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Replays a plan on a model of the cgroup tree, and finds the first instant at which it would do harm that was not there
 * before: a CPU in the sets of two owners, a cgroup with CPUs of its own left without a set, a set that comes to nothing,
 * a container's limit above its pod's while the pod shrinks, memory.min, low, high and max out of order, or a partition
 * whose CPUs the cgroups above do not list. Pure but for
 * reading the tree; touches nothing.
 */
public final class PlanVerifier {
    private final DraftCgroups model;
    private final CpusetReplay cpusets;
    private final LimitReplay limits;
    private final PartitionReplay partitions;

    /**
     * @param files the tree as it is before the plan
     * @param after the state that the plan leads to
     * @param present {@code cpuset.cpus} of each cgroup that podslice restricts in that state, or frees; one that does
     *     not exist is left out
     * @param all every CPU that pods can use
     */
    public PlanVerifier(CgroupFiles files, NodeState after, Map<CgroupPath, CpuSet> present, CpuSet all) {
        this.model = new DraftCgroups(files);
        this.cpusets = new CpusetReplay(Owners.of(after, all), present, all);
        this.limits = new LimitReplay(model, after);
        this.partitions = new PartitionReplay(model, after);
    }

    /**
     * Describes the harm that the plan would do, and the step that does it; empty for a plan that does none. Must be
     * called once only.
     *
     * @param steps as drafted: without those that change nothing
     */
    public Optional<String> harm(List<AppliedStep> steps) {
        cpusets.lookAhead(steps);
        limits.lookAhead(steps);
        partitions.lookAhead(steps);
        for (int i = 0; i < steps.size(); i++) {
            AppliedStep step = steps.get(i);
            String harm = harm(step.step(), step);
            if (harm != null) {
                return Optional.of("step " + (i + 1) + " of " + steps.size() + ", " + step.describe() + ": " + harm);
            }
        }
        return Optional.empty();
    }

    private @Nullable String harm(Step step, AppliedStep applied) {
        return switch (step) {
            case Step.CreateCgroup(CgroupPath path) -> {
                model.create(path);
                yield null;
            }
            case Step.RemoveCgroup(CgroupPath path) -> {
                model.remove(path);
                cpusets.removed(path);
                yield null;
            }
            case Step.EnableControllers(CgroupPath path, List<String> _) -> {
                model.write(
                        path,
                        CgroupFile.SUBTREE_CONTROL,
                        "+" + applied.after().strip().replace(" ", " +"));
                yield null;
            }
            case Step.WriteFile write -> {
                if (write.file().equals(CgroupFile.CPUSET_CPUS)) {
                    yield cpusets.written(write.path(), CpuSet.parse(write.value()));
                }
                yield PartitionReplay.isOfPartitions(write.file()) ? partitions.written(write) : limits.written(write);
            }
        };
    }
}
