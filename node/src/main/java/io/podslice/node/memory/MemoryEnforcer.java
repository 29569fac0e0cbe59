package io.podslice.node.memory;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.MemoryProtection;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.NodeProtection;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what has to be written so that memory.min, memory.low and memory.high of every cgroup say what a state wants.
 * Looks at a cgroup only where something is to change, or where somebody else may have written. Guarded by the brain's
 * lock.
 */
public final class MemoryEnforcer {
    /** How many cgroups a sweep looks into, so that it costs the same whatever the number of pods. */
    private static final int CGROUPS_A_SWEEP = 16;

    private final CgroupPath kubepods;
    private final Protections protections;
    private final ProtectionDrift drift;

    /** What the cgroups say by podslice's hand. */
    private Map<CgroupPath, MemoryProtection> written;

    /** Cgroups that may say something else than was written. */
    private final Set<CgroupPath> suspects;

    /** Cgroups to look into in the next sweeps. */
    private final List<CgroupPath> tour = new ArrayList<>();

    /** The state for which there is nothing left to do. */
    private @Nullable NodeState settled;

    /** @param state as saved: what it says of its memory QoS is what the cgroups were last written by */
    public MemoryEnforcer(CgroupFiles files, CgroupPath kubepods, MemoryQos qos, NodeState state) {
        this.kubepods = kubepods;
        this.protections = new Protections(qos, kubepods);
        this.drift = new ProtectionDrift(new ProtectionReader(files), qos.pageBytes());
        this.written = new Protections(state.memoryQos(), kubepods).of(state);
        this.suspects = new HashSet<>(written.keySet());
    }

    private boolean isSettled(NodeState state) {
        return settled != null && settled.equals(state);
    }

    public MemoryQos qos() {
        return protections.qos();
    }

    /**
     * What is to be written before any limit changes.
     *
     * @param tree the cgroups, perhaps with changes that have not been made yet
     */
    public Plan lowers(NodeState next, CgroupFiles tree) {
        return isSettled(next) ? Plan.EMPTY : change(next, tree).change().lowers();
    }

    /** What is to be written when the limits are as they shall be. */
    public Rise raises(NodeState next, CgroupFiles tree) {
        if (isSettled(next)) {
            return new Rise(Plan.EMPTY, next, written, true);
        }
        Difference difference = change(next, tree);
        ProtectionChange change = difference.change();
        Map<CgroupPath, MemoryProtection> after = new HashMap<>(written);
        after.keySet().removeAll(difference.paths());
        after.putAll(change.written());
        boolean complete = difference.paths().stream()
                .allMatch(path -> difference
                        .wanted()
                        .getOrDefault(path, MemoryProtection.NONE)
                        .equals(after.getOrDefault(path, MemoryProtection.NONE)));
        return new Rise(change.lowers().then(change.raises()), next, after, complete);
    }

    /**
     * The last part of a change.
     *
     * @param written what the cgroups say then
     * @param complete whether every cgroup says all that is wanted; one that is still to come does not
     */
    public record Rise(Plan plan, NodeState state, Map<CgroupPath, MemoryProtection> written, boolean complete) {}

    public void adopt(Rise rise) {
        written = rise.written();
        suspects.clear();
        settled = rise.complete() ? rise.state() : null;
    }

    private record Difference(
            Set<CgroupPath> paths, Map<CgroupPath, MemoryProtection> wanted, ProtectionChange change) {}

    private Difference change(NodeState next, CgroupFiles tree) {
        ProtectionReader reader = new ProtectionReader(tree);
        Map<CgroupPath, MemoryProtection> wanted = protections.of(next);
        SortedMap<CgroupPath, PresentMemory> present = new TreeMap<>();
        wanted.forEach((path, values) -> {
            if (!values.equals(written.get(path)) || suspects.contains(path)) {
                present.put(path, reader.read(path));
            }
        });
        for (CgroupPath path : written.keySet()) {
            if (!wanted.containsKey(path)) {
                present.put(path, reader.read(path));
            }
        }
        return new Difference(
                present.keySet(),
                wanted,
                ProtectionChange.between(present, wanted, written, this::isShared, qos().pageBytes()));
    }

    /** Whether the kubelet writes to it for all pods, if its own memory QoS is on. */
    private boolean isShared(CgroupPath path) {
        return path.equals(kubepods)
                || (path.parent().map(kubepods::equals).orElse(false)
                        && QosClass.ofCgroup(path.name()).isPresent());
    }

    /**
     * Looks for what others have written: always above the pods, in turn below. Where a resize has lowered memory.high for
     * a while nothing is amiss.
     */
    public void inspect(NodeState state) {
        if (written.isEmpty()) {
            return;
        }
        if (tour.isEmpty()) {
            tour.addAll(written.keySet());
            drift.forgetBut(written.keySet());
        }
        Set<CgroupPath> now = new LinkedHashSet<>(List.of(kubepods, kubepods.child("burstable")));
        for (int i = 0; i < CGROUPS_A_SWEEP && !tour.isEmpty(); i++) {
            now.add(tour.removeLast());
        }
        List<CgroupPath> reclaiming = reclaiming(state);
        for (CgroupPath path : now) {
            MemoryProtection values = written.get(path);
            if (values != null
                    && reclaiming.stream().noneMatch(path::isWithin)
                    && drift.isToBeRepaired(path, values, isShared(path))) {
                suspects.add(path);
                settled = null;
            }
        }
    }

    private static List<CgroupPath> reclaiming(NodeState state) {
        List<CgroupPath> reclaiming = new ArrayList<>();
        for (PodState pod : state.pods()) {
            if (pod.isReclaiming()) {
                reclaiming.add(pod.cgroup());
            }
        }
        return reclaiming;
    }

    /** Whether podslice protects or throttles the container's memory. */
    public boolean guards(PodState pod, String container) {
        return !protections.ofContainer(pod, container).equals(MemoryProtection.NONE);
    }

    /**
     * A container's resources as they are to be sent, with what podslice protects in place of what anybody else does. What
     * the runtime may have been told before and is not wanted any more is taken back, unless somebody else says it.
     */
    public LinuxResources guarded(PodState pod, ContainerState container, LinuxResources resources) {
        MemoryProtection values = protections.ofContainer(pod, container.name());
        if (values.equals(MemoryProtection.NONE) && !container.guarded()) {
            return resources;
        }
        if (!values.equals(MemoryProtection.NONE)) {
            drift.sent(resources.unified());
        }
        Map<String, String> unified = new TreeMap<>(resources.unified());
        if (container.guarded() && !container.id().isEmpty()) {
            MemoryProtection.UNSET.files().forEach((file, bytes) -> unified.putIfAbsent(file, text(bytes)));
        }
        long most = resources.memoryLimitBytes() > 0 ? resources.memoryLimitBytes() : ByteLimit.UNLIMITED_BYTES;
        values.files().forEach((file, bytes) -> unified.put(file, text(Math.min(most, bytes))));
        return resources.withUnified(unified);
    }

    private static String text(long bytes) {
        return new ByteLimit(bytes).toString();
    }

    public NodeProtection ofNode(NodeState state) {
        return protections.ofNode(state);
    }
}
