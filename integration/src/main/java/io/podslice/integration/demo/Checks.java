package io.podslice.integration.demo;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.demo.PodView.ContainerView;
import io.podslice.simulator.journal.Deed;
import io.podslice.simulator.kubelet.Amounts;
import java.util.ArrayList;
import java.util.List;

/** Compares the cgroup files with what was asked for, without using any of podslice's decisions. */
final class Checks {
    private static final long PERIOD = 100_000;

    private final Machine machine;
    private final List<Check> done = new ArrayList<>();

    Checks(Machine machine) {
        this.machine = machine;
    }

    List<Check> done() {
        return List.copyOf(done);
    }

    void check(String what, boolean holds, String seen) {
        done.add(new Check(what, holds, seen));
    }

    /**
     * Checks that a pod has its budget, and its containers the CPUs that they asked for.
     *
     * @param others every other pod on the node
     * @param classes the CPUs of the pods that ask nothing of podslice
     */
    void pod(PodView pod, List<PodView> others, CpuSet classes) {
        budget(pod);
        CpuSet shared = pod.cpus();
        for (ContainerView container : pod.containers()) {
            if (container.wantsOwnCpus()) {
                ownCpus(pod, container, others, classes);
                shared = shared.minus(container.cpus());
            }
        }
        sharedPool(pod, shared);
    }

    private void budget(PodView pod) {
        Amounts limits = pod.manifest().wants().limits();
        equal(
                pod.name() + " may use " + limits.cpuMillis() / 1000 + " CPUs in all",
                pod.cgroup(),
                Reading.CPU_MAX,
                quota(limits));
        equal(
                pod.name() + " may use " + (limits.memoryBytes() >> 30) + " GiB in all",
                pod.cgroup(),
                Reading.MEMORY_MAX,
                Long.toString(limits.memoryBytes()));
        // The kubelet's linear formula, since pods compete with pods that it weighs.
        long shares = limits.cpuMillis() * 1024 / 1000;
        equal(
                pod.name() + " has the weight that the kubelet gives it",
                pod.cgroup(),
                Reading.CPU_WEIGHT,
                Long.toString(1 + (shares - 2) * 9999 / 262_142));
        CpuSet cpus = pod.cpus();
        check(
                pod.name() + " runs on " + limits.cpuMillis() / 1000 + " CPUs of one NUMA node",
                cpus.size() * 1000L == limits.cpuMillis()
                        && machine.nodesOf(cpus).size() == 1,
                cpus + " on NUMA node " + machine.nodesOf(cpus));
    }

    private static String quota(Amounts limits) {
        return limits.cpuMillis() * PERIOD / 1000 + " " + PERIOD;
    }

    private void equal(String what, Reading reading, String file, String expected) {
        check(what, reading.get(file).equals(expected), file + " is " + reading.get(file));
    }

    private void ownCpus(PodView pod, ContainerView container, List<PodView> others, CpuSet classes) {
        long wanted = container.manifest().wants().limits().cpuMillis() / 1000;
        CpuSet own = container.cpus();
        List<String> intruders = new ArrayList<>();
        for (ContainerView sibling : pod.containers()) {
            if (!sibling.name().equals(container.name())) {
                intrudes(own, pod, sibling, intruders);
            }
        }
        for (PodView other : others) {
            for (ContainerView stranger : other.containers()) {
                intrudes(own, other, stranger, intruders);
            }
        }
        if (own.intersects(classes)) {
            intruders.add("the pods without podslice");
        }
        check(
                container.name() + " has " + wanted + " CPUs of one NUMA node that no other container has",
                own.size() == wanted && machine.nodesOf(own).size() == 1 && intruders.isEmpty(),
                own + (intruders.isEmpty() ? "" : ", also of " + String.join(", ", intruders)));
        equal(container.name() + " is never throttled", container.cgroup(), Reading.CPU_MAX, "max " + PERIOD);
    }

    private static void intrudes(CpuSet own, PodView pod, ContainerView container, List<String> intruders) {
        if (own.intersects(container.cpus().union(container.allowed()))) {
            intruders.add(pod.name() + "/" + container.name());
        }
    }

    /** Checks that the other containers run on the pod's shared pool, each up to its own limit or the pod's. */
    private void sharedPool(PodView pod, CpuSet shared) {
        for (ContainerView container : pod.containers()) {
            if (!container.wantsOwnCpus()) {
                check(
                        container.name() + " of " + pod.name() + " shares the other " + shared.size(),
                        container.cpus().equals(shared) && container.allowed().equals(shared) && !shared.isEmpty(),
                        container.cpus().toString());
                equal(
                        container.name() + " of " + pod.name() + " may use the pod's whole budget",
                        container.cgroup(),
                        Reading.CPU_MAX,
                        quota(pod.manifest().wants().limits()));
            }
        }
    }

    /** Checks that a pod is on the NUMA node of its device. */
    void beside(PodView pod, String resource, int node) {
        check(
                pod.name() + " runs beside its " + resource + ", on NUMA node " + node,
                machine.cpusOfNode(node).containsAll(pod.cpus()),
                pod.cpus() + " on NUMA node " + machine.nodesOf(pod.cpus()));
    }

    /**
     * Checks the order of a resize upwards: the pod's limit first, and CPUs are taken from others before they are
     * given.
     */
    void order(PodView pod, CpuSet gained, List<Deed> steps) {
        int podLimit = -1;
        int firstContainerLimit = Integer.MAX_VALUE;
        int lastShrink = -1;
        int firstGrant = Integer.MAX_VALUE;
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Deed.Write write) {
                boolean container = write.cgroup().isWithin(pod.cgroup().cgroup())
                        && !write.cgroup().equals(pod.cgroup().cgroup());
                switch (write.file()) {
                    case Reading.CPU_MAX -> {
                        if (container) {
                            firstContainerLimit = Math.min(firstContainerLimit, i);
                        } else {
                            podLimit = i;
                        }
                    }
                    case "cpuset.cpus" -> {
                        if (container) {
                            firstGrant = Math.min(firstGrant, i);
                        } else if (shrinks(write, gained)) {
                            lastShrink = i;
                        }
                    }
                    default -> {}
                }
            }
        }
        check(
                "the pod's limit was raised before its containers'",
                podLimit >= 0 && podLimit < firstContainerLimit,
                "step " + (podLimit + 1) + ", then " + (firstContainerLimit + 1));
        check(
                "the new CPUs were taken from the others before the pod got them",
                lastShrink >= 0 && lastShrink < firstGrant && firstGrant != Integer.MAX_VALUE,
                "step " + (lastShrink + 1) + ", then " + (firstGrant + 1));
    }

    /**
     * Returns true if a write takes CPUs of the gained ones away; an empty list before it means all that the parent
     * has.
     */
    private static boolean shrinks(Deed.Write write, CpuSet gained) {
        boolean had = write.before().isEmpty() || CpuSet.parse(write.before()).intersects(gained);
        return had && !CpuSet.parse(write.after()).intersects(gained);
    }

    /** Checks that no cgroup of the pods is left, and that all pods may use their CPUs again. */
    void returned(List<String> podsLeft, CpuSet classes, CgroupPath kubepods) {
        check("no cgroup of the pods is left", podsLeft.isEmpty(), kubepods + " has " + podsLeft);
        check("their CPUs are open to all pods again", classes.equals(machine.cpuSet()), classes.toString());
    }
}
