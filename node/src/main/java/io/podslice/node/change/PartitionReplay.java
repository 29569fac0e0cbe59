package io.podslice.node.change;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.Step;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The partitions in a {@link PlanVerifier}'s model of the tree. Linux computes the CPUs that a remote partition gives back
 * from the lists above it: a CPU that has left those before is lost until the next boot.
 */
final class PartitionReplay {
    private static final String MEMBER = "member";

    private final DraftCgroups model;

    /** The cgroups that may be partitions: those of the state's containers, and those that the plan names. */
    private final Set<CgroupPath> partitions = new TreeSet<>();

    PartitionReplay(DraftCgroups model, NodeState state) {
        this.model = model;
        for (PodState pod : state.pods()) {
            if (pod.placement().hasSlices()) {
                for (ContainerState container : pod.containers()) {
                    partitions.add(pod.cgroupOf(container.id().isEmpty() ? "-" : container.id()));
                }
            }
        }
    }

    static boolean isOfPartitions(String file) {
        return file.equals(CgroupFile.CPUSET_CPUS_EXCLUSIVE) || file.equals(CgroupFile.CPUSET_CPUS_PARTITION);
    }

    /** Notes the partitions that the plan begins or ends. */
    void lookAhead(List<AppliedStep> steps) {
        for (AppliedStep step : steps) {
            if (step.step() instanceof Step.WriteFile write && write.file().equals(CgroupFile.CPUSET_CPUS_PARTITION)) {
                partitions.add(write.path());
            }
        }
    }

    /** Replays a write, and returns the harm that it does; null for none. */
    @Nullable
    String written(Step.WriteFile write) {
        String harm = write.file().equals(CgroupFile.CPUSET_CPUS_EXCLUSIVE) ? lost(write) : unlisted(write);
        model.write(write.path(), write.file(), write.value());
        return harm;
    }

    private @Nullable String lost(Step.WriteFile write) {
        CpuSet leaving = list(write.path()).minus(CpuSet.parse(write.value()));
        if (leaving.isEmpty()) {
            return null;
        }
        for (CgroupPath partition : partitions) {
            boolean isBelow = partition.isWithin(write.path()) && !partition.equals(write.path());
            if (isBelow && isPartition(partition) && list(partition).intersects(leaving)) {
                return "CPUs " + list(partition).intersection(leaving) + " would leave the list above partition "
                        + partition + ", which has them: the kernel would lose them";
            }
        }
        return null;
    }

    private @Nullable String unlisted(Step.WriteFile write) {
        if (write.value().equals(MEMBER)) {
            return null;
        }
        CpuSet cpus = list(write.path());
        for (CgroupPath at = write.path().parent().orElse(CgroupPath.ROOT);
                !at.equals(CgroupPath.ROOT);
                at = at.parent().orElse(CgroupPath.ROOT)) {
            if (!list(at).containsAll(cpus)) {
                return "cpuset.cpus.exclusive of " + at + " would not have CPUs " + cpus.minus(list(at))
                        + " of the partition";
            }
        }
        return null;
    }

    private CpuSet list(CgroupPath path) {
        return model.hasFile(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE)
                ? CpuSet.parse(model.read(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE))
                : CpuSet.empty();
    }

    private boolean isPartition(CgroupPath path) {
        return model.hasFile(path, CgroupFile.CPUSET_CPUS_PARTITION)
                && !model.read(path, CgroupFile.CPUSET_CPUS_PARTITION).strip().equals(MEMBER);
    }
}
