package io.podslice.integration.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.node.NodeView;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.util.HashMap;
import java.util.Map;

/**
 * Checks what holds after any fault: no CPU is lost, and none has two owners, neither in the state nor in the kernel.
 */
final class Invariants {
    private static final String NODE = "the node shared pool";

    private final CrashNode node;
    private final NodeView view;
    private final SimulatedCgroups cgroups;
    private final Map<CgroupPath, String> owners = new HashMap<>();

    private Invariants(CrashNode node) {
        this.node = node;
        this.view = node.brain().snapshot();
        this.cgroups = node.cgroups;
    }

    static void check(CrashNode node) {
        Invariants invariants = new Invariants(node);
        invariants.checkBooks();
        invariants.checkKernel();
    }

    private void checkBooks() {
        CpuSet all = view.nodeSharedPool();
        assertThat(all.isEmpty()).as("nothing is left for the node").isFalse();
        for (NodeView.PodView pod : view.pods()) {
            assertThat(all.intersects(pod.cpus()))
                    .as("CPUs %s of %s are held twice", pod.cpus(), pod.name())
                    .isFalse();
            all = all.union(pod.cpus());
            CpuSet slices = CpuSet.empty();
            for (NodeView.ContainerView container : pod.containers()) {
                CgroupPath path = node.below(pod.cgroup(), container.id().isEmpty() ? "none" : container.id());
                if (container.isolation().equals("container")) {
                    assertThat(pod.cpus().containsAll(container.cpus())).isTrue();
                    assertThat(slices.intersects(container.cpus())).isFalse();
                    slices = slices.union(container.cpus());
                    owners.put(path, pod.name() + "/" + container.name());
                } else {
                    owners.put(path, container.isolation().equals("pod") ? pod.name() : NODE);
                }
            }
            assertThat(pod.sharedPool().intersects(slices)).isFalse();
            if (!pod.sharedPool().isEmpty()) {
                owners.put(node.below(pod.cgroup(), CrashNode.sandboxOf(pod.name())), pod.name());
            }
        }
        assertThat(all).as("a CPU is lost").isEqualTo(CrashNode.MACHINE.cpuSet());
    }

    private void checkKernel() {
        Map<CgroupPath, CpuSet> leaves = new HashMap<>();
        collect(CgroupPath.ROOT, leaves);
        leaves.forEach((path, cpus) -> leaves.forEach((other, others) -> {
            String owner = owners.getOrDefault(path, NODE);
            if (!owner.equals(owners.getOrDefault(other, NODE))) {
                assertThat(cpus.intersects(others))
                        .as("CPUs %s of %s (%s) and %s of %s", cpus, path, owner, others, other)
                        .isFalse();
            }
        }));
    }

    /** Collects cgroups with processes; one of a container whose id podslice has not been told has no owner yet. */
    private void collect(CgroupPath path, Map<CgroupPath, CpuSet> leaves) {
        for (String child : cgroups.children(path)) {
            CgroupPath below = path.child(child);
            boolean unheard = child.contains("container-") && !owners.containsKey(below);
            if (!unheard && !cgroups.read(below, "cgroup.procs").isBlank()) {
                leaves.put(below, CpuSet.parse(cgroups.read(below, "cpuset.cpus.effective")));
            }
            collect(below, leaves);
        }
    }
}
