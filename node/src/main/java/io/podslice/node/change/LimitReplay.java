package io.podslice.node.change;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.Step;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The limits of memory and of CPU time in a {@link PlanVerifier}'s model of the tree. */
final class LimitReplay {
    private final DraftCgroups model;
    private final Map<CgroupPath, PodState> pods = new HashMap<>();

    /** Limits of pods that the plan lowers, as path and file. */
    private final Set<String> lowered = new HashSet<>();

    LimitReplay(DraftCgroups model, NodeState state) {
        this.model = model;
        for (PodState pod : state.pods()) {
            pods.put(pod.cgroup(), pod);
        }
    }

    /** Notes the limits of pods that the plan lowers. */
    void lookAhead(List<AppliedStep> steps) {
        for (AppliedStep step : steps) {
            if (step.step() instanceof Step.WriteFile write
                    && isLimit(write.file())
                    && pods.containsKey(write.path())
                    && limit(write.file(), write.value()) < limit(write.file(), step.before())) {
                lowered.add(Step.fileOf(write.path(), write.file()));
            }
        }
    }

    /** Replays a write, and returns the harm that it does; null for none. */
    @Nullable
    String written(Step.WriteFile write) {
        boolean ordersMemory = isOrdered(write.file());
        String before = ordersMemory ? disorder(model, write.path()) : null;
        model.write(write.path(), write.file(), write.value());
        if (ordersMemory && before == null) {
            String disorder = disorder(model, write.path());
            if (disorder != null) {
                return disorder;
            }
        }
        return isLimit(write.file()) ? overshoot(write) : null;
    }

    private static boolean isLimit(String file) {
        return file.equals(CgroupFile.MEMORY_MAX) || file.equals(CgroupFile.CPU_MAX);
    }

    private static boolean isOrdered(String file) {
        return switch (file) {
            case CgroupFile.MEMORY_MIN, CgroupFile.MEMORY_LOW, CgroupFile.MEMORY_HIGH, CgroupFile.MEMORY_MAX -> true;
            default -> false;
        };
    }

    /** Returns the limit that the file's text sets, in bytes or in CPUs; infinite for no limit. */
    private static double limit(String file, String text) {
        if (file.equals(CgroupFile.CPU_MAX)) {
            CpuMax cpu = CpuMax.parse(text);
            return cpu.isLimited() ? (double) cpu.quotaMicros() / cpu.periodMicros() : Double.POSITIVE_INFINITY;
        }
        ByteLimit bytes = ByteLimit.parse(text);
        return bytes.isLimited() ? bytes.bytes() : Double.POSITIVE_INFINITY;
    }

    /**
     * Describes a container's limit above that of its pod, which shrinks; null if there is none. A container without a
     * limit is held to its pod's.
     */
    private @Nullable String overshoot(Step.WriteFile write) {
        PodState pod = pods.get(write.path());
        if (pod != null) {
            for (ContainerState container : pod.containers()) {
                CgroupPath path = pod.cgroupOf(container.id().isEmpty() ? "-" : container.id());
                String harm = overshoot(pod, path, write.file());
                if (harm != null) {
                    return harm;
                }
            }
            return null;
        }
        PodState parent = write.path().parent().map(pods::get).orElse(null);
        return parent == null ? null : overshoot(parent, write.path(), write.file());
    }

    private @Nullable String overshoot(PodState pod, CgroupPath container, String file) {
        if (!lowered.contains(Step.fileOf(pod.cgroup(), file)) || !model.hasFile(container, file)) {
            return null;
        }
        String ofContainer = model.read(container, file);
        String ofPod = model.read(pod.cgroup(), file);
        double own = limit(file, ofContainer);
        return Double.isInfinite(own) || own <= limit(file, ofPod)
                ? null
                : file + " of " + container + " would be " + ofContainer + ", above the pod's " + ofPod
                        + " while the pod shrinks";
    }

    /**
     * Describes values of memory.min, low, high and max that descend; null if they do not. A memory.low of zero may be
     * below memory.min, as may any above the pods: the root of all pods has memory.min for pods of two QoS classes and
     * memory.low for those of one.
     */
    private @Nullable String disorder(CgroupFiles files, CgroupPath path) {
        double min = value(files, path, CgroupFile.MEMORY_MIN, 0);
        double low = value(files, path, CgroupFile.MEMORY_LOW, 0);
        double high = value(files, path, CgroupFile.MEMORY_HIGH, Double.POSITIVE_INFINITY);
        double max = value(files, path, CgroupFile.MEMORY_MAX, Double.POSITIVE_INFINITY);
        boolean isOfPod = pods.containsKey(path)
                || path.parent().filter(pods::containsKey).isPresent();
        boolean guarded = low == 0 || min <= low || !isOfPod;
        boolean highest = high <= max || Double.isInfinite(high);
        double ceiling = Math.min(high, max);
        return guarded && highest && Math.max(min, low) <= ceiling
                ? null
                : "memory.min, low, high, max of " + path + " would be out of order: " + text(min) + ", " + text(low)
                        + ", " + text(high) + ", " + text(max);
    }

    private static double value(CgroupFiles files, CgroupPath path, String file, double otherwise) {
        return files.hasFile(path, file) ? limit(file, files.read(path, file)) : otherwise;
    }

    private static String text(double bytes) {
        return Double.isInfinite(bytes) ? "max" : Long.toString((long) bytes);
    }
}
