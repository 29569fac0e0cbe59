package io.podslice.node.memory;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.MemoryProtection;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.QosCgroups;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.NodeProtection;
import io.podslice.node.PodPhase;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The desired memory.min, memory.low and memory.high of the pods whose spec is known, of their containers, and of the
 * cgroups above them. A function of the state; the values of each pod are kept until the pod changes, so that a change
 * of one pod costs little. Not thread-safe.
 *
 * <p>A protection counts only as far as all ancestors have it too, so an ancestor has the sum of the pods below it. The
 * sums go by place in the tree, not by QoS class: a Guaranteed pod whose cgroup lies below {@code burstable} is
 * protected there as well. At the root of all pods, memory.min includes the Burstable pods, as the kubelet has it, and
 * so does memory.low, without which the kernel caps theirs at zero.
 */
public final class Protections {
    private static final MemoryProtection ZERO =
            MemoryProtection.NONE.withMin(0).withLow(0);

    private final MemoryQos qos;
    private final CgroupPath kubepods;
    private final CgroupPath burstable;

    /** The values of each pod, by uid. */
    private Map<String, OfPod> known = new HashMap<>();

    /** @param kubepods the root of all pods */
    public Protections(MemoryQos qos, CgroupPath kubepods) {
        this.qos = qos;
        this.kubepods = kubepods;
        this.burstable = new QosCgroups(new CgroupLayout(kubepods)).holding(QosClass.BURSTABLE);
    }

    /** Returns the memory QoS by which the values are computed. */
    public MemoryQos qos() {
        return qos;
    }

    /** The values of one pod and its containers, with the pod from which they were computed. */
    private record OfPod(PodState pod, MemoryProtection ofPod, Map<CgroupPath, MemoryProtection> cgroups) {

        long min() {
            return ofPod.minBytes().orElse(0);
        }

        long low() {
            return ofPod.lowBytes().orElse(0);
        }
    }

    /**
     * Returns the desired values by cgroup. A cgroup without any is left out, as is a container that the runtime has
     * not made yet.
     */
    public Map<CgroupPath, MemoryProtection> of(NodeState state) {
        if (qos.isOff()) {
            return Map.of();
        }
        refresh(state);
        Map<CgroupPath, MemoryProtection> all = new HashMap<>();
        Map<CgroupPath, MemoryProtection> above = new TreeMap<>();
        if (qos.tiered()) {
            above.put(kubepods, ZERO);
            above.put(burstable, MemoryProtection.NONE.withLow(0));
        }
        known.values().forEach(its -> {
            all.putAll(its.cgroups());
            addAbove(its, above);
        });
        all.putAll(above);
        return all;
    }

    private void refresh(NodeState state) {
        Map<String, OfPod> next = new HashMap<>();
        for (PodState pod : state.pods()) {
            OfPod its = known.get(pod.uid());
            next.put(pod.uid(), its != null && its.pod().equals(pod) ? its : of(pod));
        }
        known = next;
    }

    private void addAbove(OfPod its, Map<CgroupPath, MemoryProtection> above) {
        CgroupPath path = its.pod().cgroup();
        if ((its.min() == 0 && its.low() == 0) || !path.isWithin(kubepods)) {
            return;
        }
        CgroupPath parent = path.parent().orElse(kubepods);
        while (!parent.equals(kubepods)) {
            above.merge(parent, its.ofPod(), Protections::plus);
            parent = parent.parent().orElse(kubepods);
        }
        above.merge(kubepods, plus(its.ofPod(), MemoryProtection.NONE.withMin(its.low())), Protections::plus);
    }

    /** Adds memory.min and memory.low. There is no sum of memory.high: a child's says nothing about its parent's. */
    private static MemoryProtection plus(MemoryProtection a, MemoryProtection b) {
        return new MemoryProtection(
                plus(a.minBytes(), b.minBytes()), plus(a.lowBytes(), b.lowBytes()), OptionalLong.empty());
    }

    private static OptionalLong plus(OptionalLong a, OptionalLong b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.isEmpty() ? b : a;
        }
        long sum = a.getAsLong() + b.getAsLong();
        return OptionalLong.of(sum < 0 ? Long.MAX_VALUE : sum);
    }

    private OfPod of(PodState pod) {
        PodSpec spec = pod.spec().orElse(null);
        if (spec == null || pod.phase() == PodPhase.STOPPED) {
            return new OfPod(pod, MemoryProtection.NONE, Map.of());
        }
        MemoryProtection ofPod = qos.ofPod(spec, pod.budget().overhead());
        Map<CgroupPath, MemoryProtection> cgroups = new HashMap<>();
        put(pod.cgroup(), ofPod, cgroups);
        for (ContainerState container : pod.containers()) {
            if (!container.id().isEmpty()) {
                put(pod.cgroupOf(container.id()), ofContainer(spec, container.name()), cgroups);
            }
        }
        return new OfPod(pod, ofPod, Collections.unmodifiableMap(cgroups));
    }

    private static void put(CgroupPath path, MemoryProtection wanted, Map<CgroupPath, MemoryProtection> cgroups) {
        if (!wanted.equals(MemoryProtection.NONE)) {
            cgroups.put(path, wanted);
        }
    }

    /**
     * Returns the desired values of a container, which is created with them; none if podslice does not know its spec.
     */
    public MemoryProtection ofContainer(PodState pod, String container) {
        PodSpec spec = pod.spec().orElse(null);
        return spec == null || qos.isOff() ? MemoryProtection.NONE : ofContainer(spec, container);
    }

    private MemoryProtection ofContainer(PodSpec spec, String name) {
        ContainerSpec container = spec.container(name).orElse(null);
        if (container == null || container.kind() == ContainerKind.EPHEMERAL) {
            return MemoryProtection.NONE;
        }
        MemoryProtection values = qos.ofContainer(spec, container);
        // Zeros would lift another program's protection; without tiered protection podslice leaves that alone.
        return qos.tiered()
                ? values
                : new MemoryProtection(OptionalLong.empty(), OptionalLong.empty(), values.highBytes());
    }

    /** Returns the sums of memory.min and memory.low over all pods. */
    public NodeProtection ofNode(NodeState state) {
        if (!qos.tiered()) {
            return NodeProtection.NONE;
        }
        refresh(state);
        long min = 0;
        long low = 0;
        for (OfPod pod : known.values()) {
            min += pod.min();
            low += pod.low();
        }
        return new NodeProtection(min, low);
    }
}
