package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of one change that is being drafted: {@link #read} and {@link #grant} read the files of the draft as they
 * are by then.
 */
public final class PartitionDraft {
    private PartitionSets desired;
    private final PartitionSets adopted;
    private final CpuSet online;
    private final SortedSet<CgroupPath> paths = new TreeSet<>();
    private final Set<CgroupPath> containers = new TreeSet<>();

    /** The files as {@link #release} read them. */
    private SortedMap<CgroupPath, PartitionFiles> before = new TreeMap<>();

    /** CPUs that stay in lists of cgroups above partitions, whatever is desired. */
    private final Map<CgroupPath, CpuSet> kept = new HashMap<>();

    /** CPUs among {@link #kept} that podslice has listed, and that a partition which has ended still holds. */
    private final Map<CgroupPath, CpuSet> owed = new HashMap<>();

    /** Desired partitions without a cgroup. */
    private final Set<CgroupPath> missing = new TreeSet<>();

    /**
     * @param desired the desired partitions
     * @param adopted the partitions and lists that podslice has written, and those of its lists that it still owes
     * @param missing partitions among {@code adopted} that had no cgroup
     * @param online every CPU that is online
     * @param look the cgroups to read
     */
    PartitionDraft(PartitionSets desired, PartitionSets adopted, Set<CgroupPath> missing, CpuSet online, Look look) {
        this.desired = desired;
        this.adopted = adopted;
        this.online = online;
        containers.addAll(desired.partitions().keySet());
        containers.addAll(adopted.partitions().keySet());
        this.missing.addAll(missing);
        this.missing.retainAll(desired.partitions().keySet());
        if (look != Look.NONE) {
            paths.addAll(desired.lists().keySet());
            paths.addAll(adopted.lists().keySet());
        }
        if (look == Look.CHANGED) {
            paths.removeIf(path -> !missing.contains(path) && isSame(path));
        }
    }

    /** The cgroups that a draft reads. */
    enum Look {
        /** None: nothing has changed. */
        NONE,
        /** Those for which something else is desired than was written, and those that had no cgroup. */
        CHANGED,
        /** All. */
        ALL
    }

    private boolean isSame(CgroupPath path) {
        return Objects.equals(desired.lists().get(path), adopted.lists().get(path))
                && Objects.equals(
                        desired.partitions().get(path), adopted.partitions().get(path));
    }

    /** Reads the files as they are before the change. */
    public void read(CgroupFiles tree) {
        before = present(tree);
    }

    /** Returns the writes by which CPUs are given back, before other cgroups may get them. */
    public Plan release(CgroupFiles tree) {
        CpuSet released = change(before).released();
        before.forEach((path, files) -> keep(tree, path, files, released));
        return change(before).release();
    }

    /**
     * Returns the writes by which CPUs become partitions, after other cgroups have lost them.
     *
     * @throws CgroupException with ENOENT if the kernel has no partitions below a cgroup that is none
     */
    public Plan grant(CgroupFiles tree) {
        if (paths.isEmpty()) {
            return Plan.EMPTY;
        }
        SortedMap<CgroupPath, PartitionFiles> now = present(tree);
        missing.addAll(paths);
        missing.retainAll(desired.partitions().keySet());
        missing.removeAll(now.keySet());
        return change(now).grant();
    }

    private PartitionChange change(SortedMap<CgroupPath, PartitionFiles> present) {
        return new PartitionChange(present, desired, containers, kept);
    }

    private SortedMap<CgroupPath, PartitionFiles> present(CgroupFiles tree) {
        SortedMap<CgroupPath, PartitionFiles> present = new TreeMap<>();
        for (CgroupPath path : paths) {
            PartitionFiles files = files(tree, path);
            if (files != null) {
                present.put(path, files);
            }
        }
        return present;
    }

    private @Nullable PartitionFiles files(CgroupFiles tree, CgroupPath path) {
        try {
            if (!tree.hasFile(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE)) {
                if (tree.hasFile(path, CgroupFile.CPUSET_CPUS)) {
                    throw new CgroupException(
                            Errno.ENOENT,
                            Step.fileOf(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE),
                            null,
                            "Linux 6.7 and later have this file");
                }
                return null;
            }
            return new PartitionFiles(
                    CpuSet.parse(tree.read(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE)),
                    containers.contains(path)
                            ? tree.read(path, CgroupFile.CPUSET_CPUS_PARTITION).strip()
                            : "member");
        } catch (CgroupException e) {
            if ((e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) && !tree.exists(path)) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Notes the CPUs that stay in the list of a cgroup above partitions: those that podslice has not put there, and those
     * of a partition whose cgroup has just been removed. The kernel gives the latter back some milliseconds later, to the
     * root, and loses them where a list above does not have them any more by then.
     */
    private void keep(CgroupFiles tree, CgroupPath path, PartitionFiles files, CpuSet released) {
        if (containers.contains(path)) {
            return;
        }
        CpuSet extra = files.list().minus(desired.lists().getOrDefault(path, CpuSet.empty()));
        if (extra.isEmpty()) {
            return;
        }
        CpuSet ours = extra.intersection(adopted.lists().getOrDefault(path, CpuSet.empty()));
        CpuSet free = CpuSet.parse(tree.read(CgroupPath.ROOT, CgroupFile.CPUSET_CPUS_EFFECTIVE));
        CpuSet held = ours.intersection(online).minus(free).minus(released);
        if (!held.isEmpty()) {
            owed.put(path, held);
        }
        kept.put(path, extra.minus(ours).union(held));
    }

    /** The desired partitions. */
    PartitionSets desired() {
        return desired;
    }

    /** Leaves a container to its {@code cpuset.cpus}: its partition ends. */
    void drop(CgroupPath container) {
        desired = desired.without(container);
    }

    /** Tells if nothing was read, since nothing has changed. */
    boolean isQuiet() {
        return paths.isEmpty();
    }

    /** Returns the files as they were before the change. */
    SortedMap<CgroupPath, PartitionFiles> before() {
        return before;
    }

    /** Returns the partitions and lists that podslice has written once the change is made. */
    PartitionSets written() {
        SortedMap<CgroupPath, CpuSet> lists = new TreeMap<>(desired.lists());
        owed.forEach((path, cpus) -> lists.merge(path, cpus, CpuSet::union));
        return new PartitionSets(lists, desired.partitions(), desired.pods());
    }

    /** Tells if CPUs are to be given back that the kernel still holds. */
    boolean owes() {
        return !owed.isEmpty();
    }

    /** Returns the desired partitions that have no cgroup yet. */
    Set<CgroupPath> missing() {
        return missing;
    }

    /**
     * Returns the cgroups of containers or pods that a refused write was for: the container's own; else the pods below
     * that would get more CPUs, or where none would, all pods below.
     */
    Set<CgroupPath> blamed(CgroupPath refused) {
        if (desired.partitions().containsKey(refused)) {
            return Set.of(refused);
        }
        Set<CgroupPath> below = new TreeSet<>();
        Set<CgroupPath> growing = new TreeSet<>();
        for (CgroupPath pod : desired.pods()) {
            if (pod.isWithin(refused)) {
                below.add(pod);
                PartitionFiles files = before.getOrDefault(pod, PartitionFiles.NONE);
                if (!files.list().containsAll(desired.lists().getOrDefault(pod, CpuSet.empty()))) {
                    growing.add(pod);
                }
            }
        }
        return growing.isEmpty() ? below : growing;
    }
}
