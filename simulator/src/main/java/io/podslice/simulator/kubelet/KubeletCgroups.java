package io.podslice.simulator.kubelet;

import io.podslice.cgroups.CgroupPath;
import io.podslice.simulator.libcontainer.FileValue;
import io.podslice.simulator.libcontainer.Libcontainer;
import java.util.ArrayList;
import java.util.List;

/** The kubelet's own cgroup writes: kubepods, the classes below it, and the pods (facts: kubelet 1.4, 2). */
final class KubeletCgroups {
    private final Libcontainer libcontainer;
    private final CgroupPath kubepods;
    private final NodeSize node;
    private long burstableMillis;

    KubeletCgroups(Libcontainer libcontainer, CgroupPath kubepods, NodeSize node) {
        this.libcontainer = libcontainer;
        this.kubepods = kubepods;
        this.node = node;
    }

    /** Makes kubepods and its QoS class cgroups if they are missing, and sizes kubepods by the node. */
    void prepareNode() {
        enableControllers(CgroupPath.ROOT);
        make(kubepods);
        List<FileValue> values = new ArrayList<>();
        values.add(weight(node.cpus() * 1000L));
        values.add(new FileValue("memory.max", Long.toString(node.memoryBytes())));
        for (String size : node.hugePageSizes()) {
            values.add(new FileValue("hugetlb." + size + ".max", "max"));
        }
        libcontainer.set(kubepods, values);
        enableControllers(kubepods);
        for (Qos qos : List.of(Qos.BURSTABLE, Qos.BEST_EFFORT)) {
            CgroupPath level = qos.cgroup(kubepods);
            make(level);
            enableControllers(level);
        }
        weighClasses();
    }

    /** Sets the weights of the classes, as the kubelet does every minute: the last one again for the Burstable class. */
    void weighClasses() {
        libcontainer.set(Qos.BURSTABLE.cgroup(kubepods), List.of(weight(burstableMillis)));
        libcontainer.set(Qos.BEST_EFFORT.cgroup(kubepods), List.of(new FileValue("cpu.weight", "1")));
    }

    /** Sets the weight of the Burstable class from the sum of its pods' CPU requests, in millicores. */
    void weighBurstable(long requestedMillis) {
        burstableMillis = requestedMillis;
        libcontainer.set(Qos.BURSTABLE.cgroup(kubepods), List.of(weight(requestedMillis)));
    }

    void makePod(PodManifest pod) {
        CgroupPath cgroup = pod.cgroup(kubepods);
        make(cgroup);
        cgroup.parent().ifPresent(this::enableControllers);
        List<FileValue> values = new ArrayList<>();
        values.add(weight(pod.effectiveRequests().cpuMillis()));
        PodBudget budget = PodBudget.of(pod);
        if (budget.cpuLimitMillis() != 0) {
            values.add(quota(budget.cpuLimitMillis()));
        }
        if (budget.memoryLimitBytes() != 0) {
            values.add(new FileValue("memory.max", Long.toString(budget.memoryLimitBytes())));
        }
        for (String size : node.hugePageSizes()) {
            values.add(new FileValue("hugetlb." + size + ".max", "0"));
        }
        libcontainer.set(cgroup, values);
    }

    void writeCpuRequest(CgroupPath pod, long millis) {
        libcontainer.set(pod, List.of(weight(millis)));
    }

    void writeCpuLimit(CgroupPath pod, long millis) {
        libcontainer.set(pod, List.of(quota(millis)));
    }

    void writeMemoryLimit(CgroupPath pod, long bytes) {
        libcontainer.set(pod, List.of(new FileValue("memory.max", Long.toString(bytes))));
    }

    private static FileValue weight(long millis) {
        return new FileValue("cpu.weight", Long.toString(Formulas.weight(Formulas.shares(millis))));
    }

    private static FileValue quota(long millis) {
        return new FileValue("cpu.max", Formulas.quotaMicros(millis) + " " + Formulas.PERIOD_MICROS);
    }

    /** Removes the pod's cgroup once its sandbox is gone; does nothing if the cgroup is gone already. */
    void removePod(PodManifest pod) {
        CgroupPath cgroup = pod.cgroup(kubepods);
        if (libcontainer.files().exists(cgroup)) {
            libcontainer.remove(cgroup);
        }
    }

    private void make(CgroupPath cgroup) {
        if (!libcontainer.files().exists(cgroup)) {
            libcontainer.createOne(cgroup);
        }
    }

    private void enableControllers(CgroupPath cgroup) {
        libcontainer.enable(cgroup, List.of("cpuset", "cpu", "memory", "hugetlb", "pids"));
    }
}
