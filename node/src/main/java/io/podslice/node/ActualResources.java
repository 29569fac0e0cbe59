package io.podslice.node;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a cgroup's files say, put back into a pod's terms as the kubelet does for {@code pod.status.resources}: cpu.max
 * and memory.max into limits, cpu.weight by way of cpu.shares into a CPU request.
 *
 * @param resources what its files come to; a container's has no CPU request, for it depends on the runtime how that
 *     became a weight
 * @param memory memory.min, memory.low, memory.high and memory.max as the files say them, in this order; without those
 *     that are not there
 */
public record ActualResources(ResourceRequirements resources, Map<String, String> memory) {
    private static final String[] MEMORY_FILES = {"memory.min", "memory.low", "memory.high", PodCgroup.MEMORY_MAX};

    /** Nothing is there. */
    public static final ActualResources NONE = new ActualResources(ResourceRequirements.NONE, Map.of());

    /** Of a pod's cgroup; {@link #NONE} where it is gone. */
    static ActualResources ofPod(CgroupFiles files, CgroupPath path) {
        return of(files, path, true);
    }

    /** Of a container's cgroup; {@link #NONE} where it is gone. */
    static ActualResources ofContainer(CgroupFiles files, CgroupPath path) {
        return of(files, path, false);
    }

    private static ActualResources of(CgroupFiles files, CgroupPath path, boolean hasKubeletWeight) {
        ResourceList requests = ResourceList.EMPTY;
        ResourceList limits = ResourceList.EMPTY;
        Map<String, String> memory = new LinkedHashMap<>();
        for (String file : MEMORY_FILES) {
            read(files, path, file).ifPresent(text -> memory.put(file, text));
        }
        String memoryMax = memory.get(PodCgroup.MEMORY_MAX);
        if (memoryMax != null && ByteLimit.parse(memoryMax).isLimited()) {
            limits = limits.with(
                    ResourceName.MEMORY,
                    Quantity.ofBytes(ByteLimit.parse(memoryMax).bytes()));
        }
        CpuMax cpuMax = read(files, path, PodCgroup.CPU_MAX).map(CpuMax::parse).orElse(CpuMax.UNLIMITED);
        if (cpuMax.isLimited()) {
            limits = limits.with(
                    ResourceName.CPU,
                    Quantity.ofMillis(CpuUnits.milliOfQuota(cpuMax.quotaMicros(), cpuMax.periodMicros())));
        }
        Optional<String> weight = hasKubeletWeight ? read(files, path, PodCgroup.CPU_WEIGHT) : Optional.empty();
        if (weight.isPresent()) {
            long shares = CpuUnits.sharesOfWeight(Long.parseLong(weight.get().strip()));
            requests = requests.with(ResourceName.CPU, Quantity.ofMillis(CpuUnits.milliOfShares(shares)));
        }
        return new ActualResources(new ResourceRequirements(requests, limits), memory);
    }

    /** Empty where the file is not there, or its cgroup has gone meanwhile. */
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
