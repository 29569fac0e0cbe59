package io.podslice.node.brain;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.ActualResources;
import io.podslice.node.NodeView;
import io.podslice.node.PodActual;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads a pod's actual values from its cgroups' files. */
final class ActualReader {
    private static final String[] MEMORY_FILES = {
        CgroupFile.MEMORY_MIN, CgroupFile.MEMORY_LOW, CgroupFile.MEMORY_HIGH, CgroupFile.MEMORY_MAX
    };

    private ActualReader() {}

    /** Reads the pod's own cgroup and those of its containers that exist. */
    static PodActual pod(CgroupFiles files, NodeView.PodView pod) {
        SortedMap<String, ActualResources> containers = new TreeMap<>();
        for (NodeView.ContainerView container : pod.containers()) {
            if (!container.id().isEmpty()) {
                containers.put(
                        container.name(), ofContainer(files, CgroupLayout.containerOf(pod.cgroup(), container.id())));
            }
        }
        return new PodActual(ofPod(files, pod.cgroup(), pod.overhead()), containers);
    }

    /** Reads a pod's cgroup; {@link ActualResources#NONE} if it is gone. */
    private static ActualResources ofPod(CgroupFiles files, CgroupPath path, ResourceList overhead) {
        return of(files, path, true, overhead);
    }

    /** Reads a container's cgroup; {@link ActualResources#NONE} if it is gone. */
    private static ActualResources ofContainer(CgroupFiles files, CgroupPath path) {
        return of(files, path, false, ResourceList.EMPTY);
    }

    private static ActualResources of(
            CgroupFiles files, CgroupPath path, boolean hasKubeletWeight, ResourceList overhead) {
        ResourceList requests = ResourceList.EMPTY;
        ResourceList limits = ResourceList.EMPTY;
        Map<String, String> memory = new LinkedHashMap<>();
        for (String file : MEMORY_FILES) {
            read(files, path, file).ifPresent(text -> memory.put(file, text));
        }
        String memoryMax = memory.get(CgroupFile.MEMORY_MAX);
        if (memoryMax != null && ByteLimit.parse(memoryMax).isLimited()) {
            limits = limits.with(
                    ResourceName.MEMORY,
                    Quantity.ofBytes(ByteLimit.parse(memoryMax).bytes()));
        }
        CpuMax cpuMax = read(files, path, CgroupFile.CPU_MAX).map(CpuMax::parse).orElse(CpuMax.UNLIMITED);
        if (cpuMax.isLimited()) {
            limits = limits.with(
                    ResourceName.CPU,
                    Quantity.ofMillis(CpuUnits.milliOfQuota(cpuMax.quotaMicros(), cpuMax.periodMicros())));
        }
        Optional<String> weight = hasKubeletWeight ? read(files, path, CgroupFile.CPU_WEIGHT) : Optional.empty();
        if (weight.isPresent()) {
            long shares = CpuUnits.sharesOfWeight(Long.parseLong(weight.get().strip()));
            requests = requests.with(ResourceName.CPU, Quantity.ofMillis(CpuUnits.milliOfShares(shares)));
        }
        return new ActualResources(new ResourceRequirements(requests.minus(overhead), limits.minus(overhead)), memory);
    }

    /** Reads a file; empty if it does not exist, or its cgroup has vanished meanwhile. */
    private static Optional<String> read(CgroupFiles files, CgroupPath path, String file) {
        try {
            return files.hasFile(path, file) ? Optional.of(files.read(path, file)) : Optional.empty();
        } catch (CgroupException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
