package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.placement.ContainerCpus;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The desired partitions of a state. Each container with an exclusive slice is one: a remote partition, whose CPUs the
 * kernel takes from the root, and so every cgroup above it lists them in {@code cpuset.cpus.exclusive}. Those lists follow
 * the placements of pods, and stay while containers come and go.
 *
 * @param lists the desired {@code cpuset.cpus.exclusive} of each partition and of every cgroup above one, or above one to
 *     come; a pod's whole list of slices is in that of its cgroup before its containers run
 * @param partitions the partitions' kinds by the containers' cgroups, whether those exist or not
 * @param pods the cgroups of the pods that have slices
 */
public record PartitionSets(
        SortedMap<CgroupPath, CpuSet> lists, SortedMap<CgroupPath, PartitionKind> partitions, Set<CgroupPath> pods) {
    /** No partition. */
    public static final PartitionSets NONE =
            new PartitionSets(Collections.emptySortedMap(), Collections.emptySortedMap(), Set.of());

    public PartitionSets {
        lists = Collections.unmodifiableSortedMap(new TreeMap<>(lists));
        partitions = Collections.unmodifiableSortedMap(new TreeMap<>(partitions));
        pods = Set.copyOf(pods);
    }

    /**
     * Returns the desired partitions of a state.
     *
     * @param kubepods the root cgroup of all pods; a pod elsewhere has no partition, since it would take CPUs from that cgroup
     *     which its lists do not have
     * @param usable the CPUs that pods can use at the moment; a slice that has none of them is no partition
     * @param withheld tells of the cgroups of pods and containers for which the kernel makes no partition
     */
    static PartitionSets of(NodeState state, CgroupPath kubepods, CpuSet usable, Predicate<CgroupPath> withheld) {
        SortedMap<CgroupPath, CpuSet> lists = new TreeMap<>();
        SortedMap<CgroupPath, PartitionKind> partitions = new TreeMap<>();
        Set<CgroupPath> pods = new HashSet<>();
        for (PodState pod : state.pods()) {
            if (pod.placement().hasSlices() && pod.cgroup().isWithin(kubepods) && !withheld.test(pod.cgroup())) {
                addPod(pod, usable, withheld, lists, partitions);
                pods.add(pod.cgroup());
            }
        }
        pods.retainAll(lists.keySet());
        return new PartitionSets(lists, partitions, pods);
    }

    private static void addPod(
            PodState pod,
            CpuSet usable,
            Predicate<CgroupPath> withheld,
            SortedMap<CgroupPath, CpuSet> lists,
            SortedMap<CgroupPath, PartitionKind> partitions) {
        CpuSet ofPod = CpuSet.empty();
        for (ContainerPlacement container : pod.placement().containers()) {
            ofPod = ofPod.union(container.own().intersection(usable));
        }
        if (ofPod.isEmpty()) {
            return;
        }
        for (CgroupPath at = pod.cgroup();
                !at.equals(CgroupPath.ROOT);
                at = at.parent().orElse(CgroupPath.ROOT)) {
            lists.merge(at, ofPod, CpuSet::union);
        }
        CpuSet taken = CpuSet.empty();
        for (ContainerState container : newestFirst(pod)) {
            CgroupPath path = pod.cgroupOf(container.id());
            ContainerCpus cpus = pod.cpusOf(container.name());
            CpuSet slice = cpus.cpus().intersection(usable);
            boolean apart = cpus.isolation() == Isolation.CONTAINER && !slice.isEmpty() && !slice.intersects(taken);
            if (apart && !withheld.test(path)) {
                lists.put(path, slice);
                partitions.put(path, PartitionKind.of(pod.annotations(), container.name()));
                taken = taken.union(slice);
            }
        }
    }

    /**
     * Returns the containers that the runtime has made, the newest first: of two in one slice, as an init container that
     * has just ended and its successor, the newer one is the partition.
     */
    private static List<ContainerState> newestFirst(PodState pod) {
        List<ContainerState> made = new ArrayList<>(pod.containers());
        made.removeIf(container -> container.id().isEmpty());
        made.sort(Comparator.comparingLong(ContainerState::serial).reversed());
        return made;
    }

    /** Tells if there is no partition and no list. */
    boolean isEmpty() {
        return lists.isEmpty();
    }

    /** Returns these without a partition; the lists above it stay as they are. */
    PartitionSets without(CgroupPath container) {
        SortedMap<CgroupPath, CpuSet> otherLists = new TreeMap<>(lists);
        SortedMap<CgroupPath, PartitionKind> others = new TreeMap<>(partitions);
        otherLists.remove(container);
        others.remove(container);
        return new PartitionSets(otherLists, others, pods);
    }
}
