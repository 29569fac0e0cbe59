package io.podslice.node.memory;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.MemoryProtection;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.QosCgroups;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.NodeProtection;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.Extent;
import io.podslice.node.state.Guard;
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
 * Computes the writes that bring memory.min, memory.low and memory.high of every cgroup to a state's desired values.
 * Reads a cgroup only if a value must change, or if another program may have written to it.
 */
public final class MemoryEnforcer {
    /**
     * Cgroups that a sweep reads beside those above the pods, so that its cost does not grow with the number of pods.
     */
    private static final int CGROUPS_A_SWEEP = 16;

    private final Guard guard;
    private final CgroupPath kubepods;
    private final QosCgroups qosCgroups;
    private final Protections protections;
    private final ProtectionDrift drift;

    /** The values that podslice has written, by cgroup. */
    private Map<CgroupPath, MemoryProtection> written;

    /** Cgroups that may have other values than podslice has written. */
    private final Set<CgroupPath> suspects;

    /** Cgroups that the next sweeps read. */
    private final List<CgroupPath> tour = new ArrayList<>();

    /** The state whose desired values all cgroups have; null if there is none. */
    private @Nullable NodeState settled;

    /** @param state the saved state; its memory QoS is the one by which the cgroups were last written */
    public MemoryEnforcer(Guard guard, CgroupFiles files, CgroupPath kubepods, MemoryQos qos, NodeState state) {
        this.guard = guard;
        this.kubepods = kubepods;
        this.qosCgroups = new QosCgroups(new CgroupLayout(kubepods));
        this.protections = new Protections(qos, kubepods);
        this.drift = new ProtectionDrift(new ProtectionReader(files), qos.pageBytes());
        this.written = new Protections(state.memoryQos(), kubepods).of(state);
        this.suspects = new HashSet<>(written.keySet());
    }

    private boolean isSettled(NodeState state) {
        return settled != null && settled.equals(state);
    }

    /** Returns the memory QoS that is in effect. */
    public MemoryQos qos() {
        return protections.qos();
    }

    /**
     * Returns the writes that must come before any limit changes: those that lower a value.
     *
     * @param tree the cgroup tree, or a draft of it with changes that are not written yet
     */
    public Plan lowers(NodeState next, CgroupFiles tree) {
        guard.assertHeld();
        return isSettled(next) ? Plan.EMPTY : change(next, tree).change().lowers();
    }

    /** Returns the writes that must come after all limits have changed. */
    public Rise raises(NodeState next, CgroupFiles tree) {
        guard.assertHeld();
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
     * The last writes of a change: those of memory protection and throttling, after the limits.
     *
     * @param written the values that podslice has written then, by cgroup
     * @param complete true if every cgroup then has all its desired values; false while one of them does not exist yet
     */
    public record Rise(Plan plan, NodeState state, Map<CgroupPath, MemoryProtection> written, boolean complete) {}

    /** Takes note that the writes have been made. */
    public void adopt(Rise rise) {
        guard.assertHeld();
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

    /**
     * Tells if a kubelet whose own memory QoS is on writes to the cgroup for all pods below it: the root of all pods,
     * and the cgroups of the QoS classes.
     */
    private boolean isShared(CgroupPath path) {
        return path.equals(kubepods) || qosCgroups.isClass(path);
    }

    /**
     * Looks for values that other programs have overwritten: in the cgroups above the pods on each call, in the next
     * few of the others or in all. Pods whose memory.high a resize has lowered for a while are left out.
     */
    public void inspect(NodeState state, Extent extent) {
        guard.assertHeld();
        drift.beginSweep();
        if (written.isEmpty()) {
            return;
        }
        if (tour.isEmpty()) {
            tour.addAll(written.keySet());
            drift.forgetBut(written.keySet());
        }
        Set<CgroupPath> now = new LinkedHashSet<>(List.of(kubepods, qosCgroups.holding(QosClass.BURSTABLE)));
        if (extent == Extent.ALL) {
            now.addAll(written.keySet());
        }
        for (int i = 0; i < CGROUPS_A_SWEEP && !tour.isEmpty(); i++) {
            now.add(tour.removeLast());
        }
        List<CgroupPath> reclaiming = reclaiming(state);
        for (CgroupPath path : now) {
            MemoryProtection values = written.get(path);
            if (values != null
                    && reclaiming.stream().noneMatch(path::isWithin)
                    && drift.isDue(path, values, isShared(path))) {
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

    /** Tells if podslice protects or throttles the container's memory. */
    public boolean guards(PodState pod, String container) {
        return !protections.ofContainer(pod, container).equals(MemoryProtection.NONE);
    }

    /**
     * Returns a container's resources as the runtime must get them: with podslice's memory.min, memory.low and
     * memory.high in {@code unified}, in place of the sender's. A value that the runtime was told earlier and that is
     * no longer desired is reset, unless the sender names the file.
     */
    public LinuxResources guarded(PodState pod, ContainerState container, LinuxResources resources) {
        guard.assertHeld();
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

    /** Returns the memory that is protected for all pods of a state. */
    public NodeProtection ofNode(NodeState state) {
        guard.assertHeld();
        return protections.ofNode(state);
    }
}
