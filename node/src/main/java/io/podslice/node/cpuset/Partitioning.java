package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.node.CpuIsolation;
import io.podslice.node.NodeConfig;
import io.podslice.node.cpuset.PartitionDraft.Look;
import io.podslice.node.state.Guard;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that keep exclusive CPUs for their owners, and the memory of what podslice has written for them. A
 * partition that the kernel refuses, or ends, is reported and left to {@code cpuset.cpus}.
 */
public final class Partitioning {
    private static final Logger log = LoggerFactory.getLogger(Partitioning.class);

    private final Guard guard;
    private final CgroupFiles files;
    private final PresentMachine machine;
    private final CgroupPath kubepods;
    private final CpuIsolation isolation;
    private final Withheld withheld = new Withheld();

    /** The lists and partitions that podslice has written. */
    private PartitionSets adopted = PartitionSets.NONE;

    /** Desired partitions that had no cgroup when they were last looked at. */
    private Set<CgroupPath> missing = Set.of();

    /** True if a partition that has ended still held CPUs at the last look. */
    private boolean owes;

    /** Partitions that were found invalid and have been repaired once. */
    private final Set<CgroupPath> repaired = new HashSet<>();

    /** The reason why the kernel has no partitions at all; null if it has, or as far as is known. */
    private @Nullable String unsupported;

    /** @param guard the brain's lock */
    public Partitioning(Guard guard, CgroupFiles files, PresentMachine machine, NodeConfig config) {
        this.guard = guard;
        this.files = files;
        this.machine = machine;
        this.kubepods = config.kubepods();
        this.isolation = config.isolation();
    }

    /**
     * Looks for partitions and lists from before this run of podslice, in the cgroups of a state's pods and above them.
     * All those in pods' cgroups count as podslice's; in a list above, those that no other cgroup below lists or uses.
     */
    public void find(NodeState state) {
        guard.assertHeld();
        adopted = FoundPartitions.of(files, state, machine.online());
    }

    /** Begins the partitions' part of a change to a state. */
    public PartitionDraft draft(NodeState next) {
        guard.assertHeld();
        return new PartitionDraft(desired(next), adopted, missing, machine.online(), owes ? Look.ALL : Look.CHANGED);
    }

    /** Begins the partitions' part of a sweep: reads next to nothing where nothing has changed. */
    public PartitionDraft draftOfSweep(NodeState state) {
        guard.assertHeld();
        PartitionSets desired = desired(state);
        boolean isQuiet = desired.equals(adopted) && !owes && !anyHasCome() && areAllInForce();
        return new PartitionDraft(desired, adopted, missing, machine.online(), isQuiet ? Look.NONE : Look.ALL);
    }

    private PartitionSets desired(NodeState state) {
        return isolation == CpuIsolation.CPUSET || unsupported != null
                ? PartitionSets.NONE
                : PartitionSets.of(state, kubepods, machine.cpus(), withheld::has);
    }

    private boolean anyHasCome() {
        for (CgroupPath path : missing) {
            if (files.exists(path)) {
                return true;
            }
        }
        return false;
    }

    /** Tells if the root has none of the partitions' CPUs: an invalid partition gives them back to it. */
    private boolean areAllInForce() {
        CpuSet taken = CpuSet.empty();
        for (CgroupPath path : adopted.partitions().keySet()) {
            if (!missing.contains(path)) {
                taken = taken.union(adopted.lists().getOrDefault(path, CpuSet.empty()));
            }
        }
        return taken.isEmpty()
                || !CpuSet.parse(files.read(CgroupPath.ROOT, CgroupFile.CPUSET_CPUS_EFFECTIVE))
                        .intersects(taken);
    }

    /** Begins a sweep: partitions that were refused are tried again when their time has come. */
    public void beginSweep() {
        guard.assertHeld();
        withheld.beginSweep();
    }

    /** Tells if a container that has just got its cgroup must become a partition. */
    public boolean awaits(NodeState state, CgroupPath container) {
        guard.assertHeld();
        return desired(state).partitions().containsKey(container);
    }

    /** Takes note that a change has been made. */
    public void adopt(PartitionDraft draft, NodeState state) {
        guard.assertHeld();
        if (draft.isQuiet()) {
            return;
        }
        adopted = draft.written();
        missing = Set.copyOf(draft.missing());
        owes = draft.owes();
        for (CgroupPath path : adopted.partitions().keySet()) {
            if (!missing.contains(path) && withheld.granted(path)) {
                log.info("{} is a partition now: the kernel keeps its CPUs for it", path);
            }
        }
        forget(state);
    }

    private void forget(NodeState state) {
        Set<CgroupPath> known = new HashSet<>();
        for (PodState pod : state.pods()) {
            known.add(pod.cgroup());
            pod.containers().forEach(container -> known.add(pod.cgroupOf(name(container.id()))));
        }
        withheld.retain(known::contains);
        repaired.retainAll(known);
    }

    private static String name(String id) {
        return id.isEmpty() ? "-" : id;
    }

    /**
     * Reports partitions that the kernel has made invalid since: each is repaired once, and left to {@code cpuset.cpus}
     * after that.
     */
    public void noteInvalid(PartitionDraft draft) {
        guard.assertHeld();
        for (Map.Entry<CgroupPath, PartitionFiles> entry : draft.before().entrySet()) {
            CgroupPath path = entry.getKey();
            String text = entry.getValue().partition();
            boolean ended = adopted.partitions().containsKey(path)
                    && !missing.contains(path)
                    && draft.desired().partitions().containsKey(path)
                    && !entry.getValue().isValidPartition();
            if (ended && repaired.add(path)) {
                log.warn("{}: no valid partition any more, the kernel says \"{}\"; it is made anew once", path, text);
            } else if (ended) {
                withhold(path, "the kernel ended the partition again, and said \"" + text + "\"");
                draft.drop(path);
            }
        }
    }

    /**
     * Leaves partitions to {@code cpuset.cpus} for which a change failed.
     *
     * @param required the pod that the change is refused for where isolation is {@code partition}; null for a change that
     *     cannot be refused
     * @return true if the change may be drafted anew, without them
     */
    public boolean leave(PartitionDraft draft, CgroupException e, @Nullable PodState required) {
        guard.assertHeld();
        CgroupPath refused = cgroupOf(e.path());
        if (refused == null) {
            return false;
        }
        Set<CgroupPath> blamed = draft.blamed(refused);
        boolean mustHave = isolation == CpuIsolation.PARTITION
                && required != null
                && (e.errno() == Errno.ENOENT || blamed.stream().anyMatch(path -> path.isWithin(required.cgroup())));
        if (mustHave) {
            return false;
        }
        String reason = reason(e);
        if (e.errno() == Errno.ENOENT) {
            if (unsupported == null) {
                unsupported = reason;
                log.warn("exclusive CPUs are kept by cpuset.cpus alone, not by partitions: {}", reason);
                return true;
            }
            return false;
        }
        boolean left = false;
        for (CgroupPath path : blamed) {
            left |= withhold(path, reason);
        }
        return left;
    }

    private boolean withhold(CgroupPath path, String reason) {
        boolean before = withheld.has(path);
        if (withheld.refused(path, reason)) {
            log.warn("{}: its CPUs are kept by cpuset.cpus alone, not by a partition: {}", path, reason);
        }
        return !before;
    }

    private static String reason(CgroupException e) {
        return String.valueOf(e.getCause() instanceof CgroupException cause ? cause.getMessage() : e.getMessage());
    }

    /** Returns the cgroup of a file of partitions; null for another file. */
    private static @Nullable CgroupPath cgroupOf(String file) {
        for (String name : Set.of(CgroupFile.CPUSET_CPUS_EXCLUSIVE, CgroupFile.CPUSET_CPUS_PARTITION)) {
            if (file.endsWith("/" + name) && file.length() > name.length() + 1) {
                return new CgroupPath(file.substring(0, file.length() - name.length() - 1));
            }
        }
        return null;
    }

    /**
     * Returns the reasons why exclusive CPUs of a pod are kept by {@code cpuset.cpus} alone although {@code isolation} asks
     * for partitions, by cgroup; empty where none is.
     */
    public SortedMap<CgroupPath, String> reasons(PodState pod) {
        guard.assertHeld();
        SortedMap<CgroupPath, String> reasons = new TreeMap<>();
        if (isolation == CpuIsolation.CPUSET || !pod.placement().hasSlices()) {
            return reasons;
        }
        if (!pod.cgroup().isWithin(kubepods)) {
            reasons.put(pod.cgroup(), "the pod's cgroup is not below " + kubepods);
        } else if (unsupported != null) {
            reasons.put(pod.cgroup(), unsupported);
        }
        withheld.reasons().forEach((path, reason) -> {
            if (path.isWithin(pod.cgroup())) {
                reasons.put(path, reason);
            }
        });
        return reasons;
    }
}
