package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds the partitions and lists that an earlier run of podslice has left. */
final class FoundPartitions {
    private final CgroupFiles files;
    private final SortedMap<CgroupPath, CpuSet> lists = new TreeMap<>();
    private final SortedMap<CgroupPath, PartitionKind> partitions = new TreeMap<>();

    private FoundPartitions(CgroupFiles files) {
        this.files = files;
    }

    /**
     * Reads the cgroups of a state's pods and those above them.
     *
     * @param online every CPU that is online
     */
    static PartitionSets of(CgroupFiles files, NodeState state, CpuSet online) {
        FoundPartitions found = new FoundPartitions(files);
        SortedSet<CgroupPath> pods = new TreeSet<>();
        SortedSet<CgroupPath> above = new TreeSet<>();
        for (PodState pod : state.pods()) {
            found.pod(pod);
            pods.add(pod.cgroup());
            for (CgroupPath at = pod.cgroup().parent().orElse(CgroupPath.ROOT);
                    !at.equals(CgroupPath.ROOT);
                    at = at.parent().orElse(CgroupPath.ROOT)) {
                above.add(at);
            }
        }
        found.above(above, online);
        pods.retainAll(found.lists.keySet());
        return new PartitionSets(found.lists, found.partitions, pods);
    }

    /**
     * Adds what is in a pod's cgroup. An isolated partition that no annotation asks for is an administrator's: podslice makes
     * root ones.
     */
    private void pod(PodState pod) {
        CpuSet ofOthers = CpuSet.empty();
        for (CgroupPath container : children(pod.cgroup())) {
            String partition = read(container, CgroupFile.CPUSET_CPUS_PARTITION).strip();
            boolean isPartition = !partition.isEmpty() && !partition.equals("member");
            boolean isIsolated = partition.startsWith(PartitionKind.ISOLATED.text());
            CpuSet list = CpuSet.parse(read(container, CgroupFile.CPUSET_CPUS_EXCLUSIVE));
            if (isIsolated && !asksForIsolation(pod, container)) {
                ofOthers = ofOthers.union(list);
            } else {
                if (isPartition) {
                    partitions.put(container, isIsolated ? PartitionKind.ISOLATED : PartitionKind.ROOT);
                }
                if (isPartition || !list.isEmpty()) {
                    lists.put(container, list);
                }
            }
        }
        CpuSet list = CpuSet.parse(read(pod.cgroup(), CgroupFile.CPUSET_CPUS_EXCLUSIVE))
                .minus(ofOthers);
        if (!list.isEmpty()) {
            lists.put(pod.cgroup(), list);
        }
    }

    private static boolean asksForIsolation(PodState pod, CgroupPath container) {
        for (ContainerState known : pod.containers()) {
            if (!known.id().isEmpty() && pod.cgroupOf(known.id()).equals(container)) {
                return PodAnnotations.isolated(pod.annotations(), known.name());
            }
        }
        return false;
    }

    /** Adds the lists above the pods, without CPUs that another cgroup lists, or that a partition of others holds. */
    private void above(SortedSet<CgroupPath> above, CpuSet online) {
        CpuSet ours = CpuSet.empty();
        for (CgroupPath partition : partitions.keySet()) {
            ours = ours.union(lists.getOrDefault(partition, CpuSet.empty()));
        }
        CpuSet free = CpuSet.parse(read(CgroupPath.ROOT, CgroupFile.CPUSET_CPUS_EFFECTIVE));
        CpuSet ofOthers = online.minus(free).minus(ours);
        for (CgroupPath path : above) {
            CpuSet list = CpuSet.parse(read(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE));
            for (CgroupPath child : list.isEmpty() ? List.<CgroupPath>of() : children(path)) {
                if (!lists.containsKey(child) && !above.contains(child)) {
                    list = list.minus(CpuSet.parse(read(child, CgroupFile.CPUSET_CPUS_EXCLUSIVE)));
                }
            }
            list = list.minus(ofOthers);
            if (!list.isEmpty()) {
                lists.put(path, list);
            }
        }
    }

    private List<CgroupPath> children(CgroupPath path) {
        try {
            return files.children(path).stream().map(path::child).toList();
        } catch (CgroupException e) {
            return gone(e, List.of());
        }
    }

    /** Reads a file; the empty text where it does not exist. */
    private String read(CgroupPath path, String file) {
        try {
            return files.hasFile(path, file) ? files.read(path, file) : "";
        } catch (CgroupException e) {
            return gone(e, "");
        }
    }

    private static <T> T gone(CgroupException e, T otherwise) {
        if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
            throw e;
        }
        return otherwise;
    }
}
