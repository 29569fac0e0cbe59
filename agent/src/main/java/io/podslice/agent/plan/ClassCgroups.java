package io.podslice.agent.plan;

import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.QosCgroupValues;
import io.podslice.managers.pod.QosClass;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The cgroups that the pods of a QoS class are in. The node shared pool is kept to its CPUs at the highest cgroups all of
 * whose pods are in it; while nobody is off it there is nothing to keep.
 *
 * @param mixed the classes in which it is kept pod by pod
 * @param values what depends on the pods' requests
 */
record ClassCgroups(CgroupPath kubepods, CpuSet pool, Set<QosClass> mixed, boolean isKept, QosCgroupValues values) {

    static ClassCgroups of(CgroupPath kubepods, List<Pod> pods, NodePlacements all, CpuSet pool, MemoryQos memory) {
        Set<QosClass> mixed = EnumSet.of(QosClass.GUARANTEED);
        List<QosCgroupValues.Pod> values = new ArrayList<>();
        for (Pod pod : pods) {
            QosClass qos = QosClass.of(pod.spec());
            values.add(new QosCgroupValues.Pod(qos, EffectiveResources.of(pod.spec(), pod.overhead())));
            if (all.pods().getOrDefault(pod.uid(), PodPlacement.NONE).hasCpus()) {
                mixed.add(qos);
            }
        }
        return new ClassCgroups(kubepods, pool, mixed, !all.held().isEmpty(), QosCgroupValues.of(values, memory));
    }

    /** The cgroup that the class's pods are in. */
    CgroupPath path(QosClass qos) {
        return switch (qos) {
            case GUARANTEED -> kubepods;
            case BURSTABLE -> kubepods.child("burstable");
            case BEST_EFFORT -> kubepods.child("besteffort");
        };
    }

    /** Whether the class's pods are kept to the node shared pool one by one. */
    boolean leavesPoolToPods(QosClass qos) {
        return isKept && mixed.contains(qos);
    }

    /** Path and files of the class's cgroup; nothing for the root of all pods, which is kept to no CPUs. */
    Map<String, String> files(QosClass qos) {
        Map<String, String> files = new LinkedHashMap<>();
        if (qos == QosClass.GUARANTEED) {
            return files;
        }
        files.put("path", path(qos).toString());
        if (isKept && !mixed.contains(qos)) {
            files.put("cpuset.cpus", pool.toString());
        }
        boolean isBurstable = qos == QosClass.BURSTABLE;
        long weight = isBurstable ? CpuUnits.weightOf(values.burstableCpuShares()) : 1;
        files.put("cpu.weight", Long.toString(weight));
        if (isBurstable && values.burstableMemoryLowBytes() > 0) {
            files.put("memory.low", Long.toString(values.burstableMemoryLowBytes()));
        }
        return files;
    }

    /** What the root of all pods protects; nothing where no memory is protected. */
    Map<String, String> root() {
        Map<String, String> files = new LinkedHashMap<>();
        if (values.kubepodsMemoryMinBytes() > 0) {
            files.put("path", kubepods.toString());
            files.put("memory.min", Long.toString(values.kubepodsMemoryMinBytes()));
            files.put("memory.low", Long.toString(values.kubepodsMemoryLowBytes()));
        }
        return files;
    }
}
