package io.podslice.simulator.kubelet;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import java.util.List;

/** The kubelet's own cgroup writes: kubepods, the classes below it, and the pods (facts: kubelet 1.4, 2). */
final class KubeletCgroups {
    private final CgroupFiles files;
    private final CgroupPath kubepods;
    private final NodeSize node;

    KubeletCgroups(CgroupFiles files, CgroupPath kubepods, NodeSize node) {
        this.files = files;
        this.kubepods = kubepods;
        this.node = node;
    }

    /** Makes kubepods and its QoS class cgroups if they are missing, and sizes kubepods by the node. */
    void prepareNode() {
        enableControllers(CgroupPath.ROOT);
        make(kubepods);
        files.write(kubepods, "cpu.weight", Long.toString(Formulas.weight(Formulas.shares(node.cpus() * 1000L))));
        files.write(kubepods, "memory.max", Long.toString(node.memoryBytes()));
        for (String size : node.hugePageSizes()) {
            files.write(kubepods, "hugetlb." + size + ".max", "max");
        }
        enableControllers(kubepods);
        for (Qos qos : List.of(Qos.BURSTABLE, Qos.BEST_EFFORT)) {
            CgroupPath level = new CgroupPath(kubepods + qos.folder());
            make(level);
            files.write(level, "cpu.weight", "1");
            enableControllers(level);
        }
    }

    /** Sets the weight of the Burstable class from the sum of its pods' CPU requests, in millicores. */
    void weighBurstable(long requestedMillis) {
        files.write(
                new CgroupPath(kubepods + Qos.BURSTABLE.folder()),
                "cpu.weight",
                Long.toString(Formulas.weight(Formulas.shares(requestedMillis))));
    }

    void makePod(PodManifest pod) {
        CgroupPath cgroup = pod.cgroup(kubepods);
        make(cgroup);
        writeCpuRequest(cgroup, pod.effectiveRequests().cpuMillis());
        PodBudget budget = PodBudget.of(pod);
        if (budget.cpuLimitMillis() != 0) {
            writeCpuLimit(cgroup, budget.cpuLimitMillis());
        }
        if (budget.memoryLimitBytes() != 0) {
            writeMemoryLimit(cgroup, budget.memoryLimitBytes());
        }
        for (String size : node.hugePageSizes()) {
            files.write(cgroup, "hugetlb." + size + ".max", "0");
        }
        enableControllers(cgroup);
    }

    void writeCpuRequest(CgroupPath pod, long millis) {
        files.write(pod, "cpu.weight", Long.toString(Formulas.weight(Formulas.shares(millis))));
    }

    void writeCpuLimit(CgroupPath pod, long millis) {
        files.write(pod, "cpu.max", Formulas.quotaMicros(millis) + " " + Formulas.PERIOD_MICROS);
    }

    void writeMemoryLimit(CgroupPath pod, long bytes) {
        files.write(pod, "memory.max", Long.toString(bytes));
    }

    /** Removes the pod's cgroup once its sandbox is gone; does nothing if the cgroup is gone already. */
    void removePod(PodManifest pod) {
        CgroupPath cgroup = pod.cgroup(kubepods);
        if (files.exists(cgroup)) {
            files.remove(cgroup);
        }
    }

    private void make(CgroupPath cgroup) {
        if (!files.exists(cgroup)) {
            files.create(cgroup);
        }
    }

    private void enableControllers(CgroupPath cgroup) {
        files.write(cgroup, "cgroup.subtree_control", "+cpuset +cpu +memory +hugetlb +pids");
    }
}
