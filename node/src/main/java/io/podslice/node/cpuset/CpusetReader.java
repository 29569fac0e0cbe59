package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads from the cgroup tree what {@link Cpusets} and {@link CpusetChange} need to know. */
public final class CpusetReader {
    private static final String CPUS = "cpuset.cpus";
    private static final String EFFECTIVE = "cpuset.cpus.effective";

    private final CgroupFiles files;
    private final CgroupPath kubepods;

    public CpusetReader(CgroupFiles files, CgroupPath kubepods) {
        this.files = files;
        this.kubepods = kubepods;
    }

    /** The child cgroups of the root of all pods and of each cgroup between it and a pod that has CPUs. */
    public PodTree children(NodeState state) {
        Map<CgroupPath, List<CgroupPath>> children = new HashMap<>();
        children.put(kubepods, childrenOf(kubepods));
        for (PodState pod : state.pods()) {
            if (!pod.hasCpus() || !pod.cgroup().isWithin(kubepods)) {
                continue;
            }
            CgroupPath above = pod.cgroup().parent().orElse(kubepods);
            while (above.isWithin(kubepods) && !above.equals(kubepods)) {
                children.computeIfAbsent(above, this::childrenOf);
                above = above.parent().orElse(kubepods);
            }
        }
        return new PodTree(kubepods, children);
    }

    private List<CgroupPath> childrenOf(CgroupPath parent) {
        List<CgroupPath> children = new ArrayList<>();
        try {
            for (String name : files.children(parent)) {
                children.add(parent.child(name));
            }
        } catch (CgroupException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
        return children;
    }

    /** What {@code cpuset.cpus} says in each of these cgroups; those that do not exist are left out. */
    public SortedMap<CgroupPath, CpuSet> cpusets(Collection<CgroupPath> paths) {
        SortedMap<CgroupPath, CpuSet> cpusets = new TreeMap<>();
        for (CgroupPath path : paths) {
            CpuSet cpus = read(path, CPUS);
            if (cpus != null) {
                cpusets.put(path, cpus);
            }
        }
        return cpusets;
    }

    /**
     * The CPUs that the kernel really lets the cgroup use; null if there is no such cgroup, or none with a cpuset
     * controller, as the root may be.
     */
    public @Nullable CpuSet effective(CgroupPath path) {
        return files.hasFile(path, EFFECTIVE) ? read(path, EFFECTIVE) : null;
    }

    private @Nullable CpuSet read(CgroupPath path, String file) {
        try {
            return CpuSet.parse(files.read(path, file));
        } catch (CgroupException e) {
            if ((e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) && !files.exists(path)) {
                return null;
            }
            throw e;
        }
    }

    /** Pod and class cgroups that are restricted now, and to what: nobody but podslice does that. */
    public SortedMap<CgroupPath, CpuSet> restricted() {
        SortedMap<CgroupPath, CpuSet> restricted = new TreeMap<>();
        for (CgroupPath path : podsAndClasses()) {
            CpuSet cpus = own(path);
            if (!cpus.isEmpty()) {
                restricted.put(path, cpus);
            }
        }
        return restricted;
    }

    /** The node shared pool as it is in force: all pools are the same; empty where nobody is restricted. */
    public CpuSet pool() {
        CpuSet pool = CpuSet.empty();
        for (CpuSet restricted : restricted().values()) {
            // But for a pod's that was starting, which is within the pod.
            pool = restricted.size() > pool.size() ? restricted : pool;
        }
        return pool;
    }

    /** Cgroups of the state's pods that are not where pods belong, as far as they are restricted now. */
    public List<CgroupPath> restrictedElsewhere(NodeState state) {
        List<CgroupPath> restricted = new ArrayList<>();
        for (PodState pod : state.pods()) {
            if (!pod.cgroup().isWithin(kubepods) && !own(pod.cgroup()).isEmpty()) {
                restricted.add(pod.cgroup());
            }
        }
        return restricted;
    }

    /** By pod that is not restricted itself, the CPUs that its containers are kept to; those without are left out. */
    public SortedMap<CgroupPath, CpuSet> keptByContainers() {
        SortedMap<CgroupPath, CpuSet> kept = new TreeMap<>();
        for (CgroupPath pod : podsAndClasses()) {
            if (isClass(pod) || !own(pod).isEmpty()) {
                continue;
            }
            CpuSet cpus = CpuSet.empty();
            for (CgroupPath container : childrenOf(pod)) {
                cpus = cpus.union(own(container));
            }
            if (!cpus.isEmpty()) {
                kept.put(pod, cpus);
            }
        }
        return kept;
    }

    /** Cgroups of pods, and of classes of pods. */
    public List<CgroupPath> podsAndClasses() {
        List<CgroupPath> paths = new ArrayList<>();
        for (CgroupPath child : childrenOf(kubepods)) {
            paths.add(child);
            if (isClass(child)) {
                paths.addAll(childrenOf(child));
            }
        }
        return paths;
    }

    private boolean isClass(CgroupPath path) {
        return path.parent().map(kubepods::equals).orElse(false)
                && QosClass.ofCgroup(path.name()).isPresent();
    }

    /**
     * What the cgroup itself is restricted to; empty for no restriction, also where there is no such cgroup. A list that
     * could not be emptied, for there are processes, has all CPUs instead (ENOSPC, see {@link
     * io.podslice.cgroups.Step.WriteFile}).
     */
    public CpuSet own(CgroupPath path) {
        CpuSet cpus;
        try {
            cpus = CpuSet.parse(files.read(path, CPUS));
        } catch (CgroupException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return CpuSet.empty();
            }
            throw e;
        }
        if (cpus.isEmpty()) {
            return cpus;
        }
        CpuSet all = effective(CgroupPath.ROOT);
        return all != null && cpus.containsAll(all) ? CpuSet.empty() : cpus;
    }
}
