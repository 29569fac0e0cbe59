package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.WholeSet;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.pod.QosCgroups;
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

/** Reads child cgroups and CPU sets from the cgroup tree, for {@link Cpusets} and {@link CpusetChange}. */
public final class CpusetReader {
    /** Reads of a cgroup that exists and does not have the file: it has come meanwhile, or has no such controller. */
    private static final int MOST_ATTEMPTS = 3;

    private final CgroupFiles files;
    private final CgroupPath kubepods;
    private final QosCgroups qosCgroups;

    public CpusetReader(CgroupFiles files, CgroupPath kubepods) {
        this.files = files;
        this.kubepods = kubepods;
        this.qosCgroups = new QosCgroups(new CgroupLayout(kubepods));
    }

    /**
     * Reads the child cgroups of the root of all pods, and of each cgroup between it and a pod that has CPUs of its
     * own.
     */
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

    /**
     * Reads {@code cpuset.cpus} of the cgroups that have a desired set. Those that do not exist are left out; one that
     * must not be restricted and has a list that restricts nothing, as {@link #own} says, has the empty set.
     */
    SortedMap<CgroupPath, CpuSet> cpusets(Collection<CgroupPath> paths, Map<CgroupPath, CpuSet> desired) {
        SortedMap<CgroupPath, CpuSet> cpusets = cpusets(paths);
        cpusets.replaceAll((path, cpus) -> {
            boolean free = desired.containsKey(path) && desired.get(path).isEmpty();
            return free && !cpus.isEmpty() ? own(path, cpus) : cpus;
        });
        return cpusets;
    }

    /** Reads {@code cpuset.cpus} of some cgroups; those that do not exist are left out. */
    public SortedMap<CgroupPath, CpuSet> cpusets(Collection<CgroupPath> paths) {
        SortedMap<CgroupPath, CpuSet> cpusets = new TreeMap<>();
        for (CgroupPath path : paths) {
            CpuSet cpus = read(path, CgroupFile.CPUSET_CPUS);
            if (cpus != null) {
                cpusets.put(path, cpus);
            }
        }
        return cpusets;
    }

    /**
     * Reads the CPUs that the kernel lets the cgroup use, {@code cpuset.cpus.effective}; null if there is no such
     * cgroup, or it has no cpuset controller, as may be so at the root.
     */
    public @Nullable CpuSet effective(CgroupPath path) {
        return files.hasFile(path, CgroupFile.CPUSET_CPUS_EFFECTIVE)
                ? read(path, CgroupFile.CPUSET_CPUS_EFFECTIVE)
                : null;
    }

    /** Reads the CPUs that the kernel lets the cgroup or partitions below it use; null as for {@link #effective}. */
    @Nullable
    CpuSet allowed(CgroupPath path) {
        CpuSet effective = effective(path);
        CpuSet exclusive = files.hasFile(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE_EFFECTIVE)
                ? read(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE_EFFECTIVE)
                : null;
        return effective == null || exclusive == null ? effective : effective.union(exclusive);
    }

    /**
     * Reads a file; null if there is no such cgroup. Runtimes make and remove cgroups meanwhile: one that is there after
     * a read that did not find it has just come, and is read again.
     */
    private @Nullable CpuSet read(CgroupPath path, String file) {
        for (int attempt = 1; ; attempt++) {
            try {
                return CpuSet.parse(files.read(path, file));
            } catch (CgroupException e) {
                boolean isMissing = e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV;
                if (isMissing && !files.exists(path)) {
                    return null;
                }
                if (!isMissing || attempt == MOST_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Reads the pod and QoS class cgroups that are restricted now, with their CPUs; only podslice restricts those. */
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

    /** Returns the node shared pool that is in force; empty if no pod or class cgroup is restricted. */
    public CpuSet pool() {
        CpuSet pool = CpuSet.empty();
        for (CpuSet restricted : restricted().values()) {
            // All restricted cgroups have the pool, except that of a starting pod: it has the pod's own shared pool.
            pool = restricted.size() > pool.size() ? restricted : pool;
        }
        return pool;
    }

    /** Returns the cgroups of the state's pods that lie outside the root of all pods and are restricted now. */
    public List<CgroupPath> restrictedElsewhere(NodeState state) {
        List<CgroupPath> restricted = new ArrayList<>();
        for (PodState pod : state.pods()) {
            if (!pod.cgroup().isWithin(kubepods) && !own(pod.cgroup()).isEmpty()) {
                restricted.add(pod.cgroup());
            }
        }
        return restricted;
    }

    /**
     * Returns the union of the containers' CPU sets of each pod whose own cgroup is not restricted, by the pod's
     * cgroup; a pod without restricted containers is left out.
     */
    public SortedMap<CgroupPath, CpuSet> keptByContainers() {
        SortedMap<CgroupPath, CpuSet> kept = new TreeMap<>();
        for (CgroupPath pod : podsAndClasses()) {
            if (qosCgroups.isClass(pod) || !own(pod).isEmpty()) {
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

    /** Returns the cgroups of pods and of QoS classes that exist below the root of all pods. */
    public List<CgroupPath> podsAndClasses() {
        List<CgroupPath> paths = new ArrayList<>();
        for (CgroupPath child : childrenOf(kubepods)) {
            paths.add(child);
            if (qosCgroups.isClass(child)) {
                paths.addAll(childrenOf(child));
            }
        }
        return paths;
    }

    /**
     * Returns the CPUs to which the cgroup's own {@code cpuset.cpus} restricts it; empty for no restriction, also if
     * there is no such cgroup. A list that could not be emptied because the cgroup has processes has all CPUs instead,
     * and counts as no restriction (ENOSPC, see {@link io.podslice.cgroups.Step.WriteFile}).
     */
    public CpuSet own(CgroupPath path) {
        CpuSet cpus;
        try {
            cpus = CpuSet.parse(files.read(path, CgroupFile.CPUSET_CPUS));
        } catch (CgroupException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return CpuSet.empty();
            }
            throw e;
        }
        return cpus.isEmpty() ? cpus : own(path, cpus);
    }

    private CpuSet own(CgroupPath path, CpuSet cpus) {
        CpuSet all = effective(CgroupPath.ROOT);
        boolean isWhole = all != null && cpus.containsAll(all) && cpus.containsAll(WholeSet.cpus(files, path));
        return isWhole ? CpuSet.empty() : cpus;
    }
}
