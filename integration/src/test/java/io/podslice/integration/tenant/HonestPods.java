package io.podslice.integration.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Pods that claim what the kubelet has accounted for them, or nothing: some stay, others come and go. Each says what it
 * must have, and none may lose any of it.
 */
final class HonestPods {
    private static final List<String> VALUES =
            List.of("cpu.max", "cpu.weight", "memory.max", "memory.min", "memory.low", "memory.high");

    private final KubeletDriver kubelet;
    private final SimulatedCgroups kernel;
    private final List<RunningPod> pinned = new ArrayList<>();
    private final List<RunningPod> sharing = new ArrayList<>();
    private SortedMap<String, String> had = new TreeMap<>();
    private int number;

    HonestPods(KubeletDriver kubelet, SimulatedCgroups kernel) {
        this.kubelet = kubelet;
        this.kernel = kernel;
    }

    /** Starts the pods that stay. */
    void start() {
        pinned.add(kubelet.run(exclusive("honest-db", 4, 2)));
        pinned.add(kubelet.run(exclusive("honest-queue", 4, 3)));
        sharing.add(kubelet.run(pod("honest-web", Wants.NONE, new Wants(new Amounts(500, 1 << 28), Amounts.of(2, 1)))));
        sharing.add(kubelet.run(pod("honest-job", Wants.NONE, Wants.NONE)));
        had = values();
    }

    private static PodManifest exclusive(String name, int cpus, int own) {
        return PodSpecAnnotation.on(new PodManifest(
                name,
                "honest",
                name + "-uid",
                Wants.guaranteed(Amounts.of(cpus, 2)),
                List.of(
                        new ContainerManifest(
                                "app", ContainerManifest.Kind.APP, "busybox", Wants.guaranteed(Amounts.of(own, 1))),
                        new ContainerManifest("helper", ContainerManifest.Kind.SIDECAR, "busybox", Wants.NONE)),
                Map.of()));
    }

    private static PodManifest pod(String name, Wants budget, Wants own) {
        return new PodManifest(
                name,
                "honest",
                name + "-uid",
                budget,
                List.of(new ContainerManifest("app", ContainerManifest.Kind.APP, "busybox", own)),
                Map.of());
    }

    /** Lets a pod come and go, one of several kinds; returns the time in nanoseconds that it waited to be started. */
    long comeAndGo() {
        int n = number++;
        String name = "honest-" + n;
        PodManifest pod = switch (n % 4) {
            case 0 -> exclusive(name, 2, 1);
            case 1 -> pod(name, Wants.guaranteed(Amounts.of(2, 1)), Wants.NONE);
            case 2 -> pod(name, Wants.NONE, new Wants(new Amounts(250, 1 << 27), new Amounts(1000, 1 << 28)));
            default -> pod(name, Wants.NONE, Wants.NONE);
        };
        long begun = System.nanoTime();
        RunningPod running = kubelet.run(pod);
        long waited = System.nanoTime() - begun;
        if (n % 4 == 0) {
            assertThat(cpus(running, "app").size()).as("CPUs of %s/app", name).isEqualTo(1);
            assertThat(cpus(running, "helper").size())
                    .as("CPUs of %s/helper", name)
                    .isEqualTo(1);
        }
        kubelet.stop(running);
        kubelet.remove(running);
        return waited;
    }

    private CpuSet cpus(RunningPod pod, String container) {
        CgroupPath path = kubelet.cgroup(pod.manifest()).child(pod.containerId(container));
        return CpuSet.parse(kernel.read(path, "cpuset.cpus.effective"));
    }

    /** The CPUs that pods which stay have for themselves. */
    CpuSet exclusive() {
        CpuSet all = CpuSet.empty();
        for (RunningPod pod : pinned) {
            all = all.union(cpus(pod, "app")).union(cpus(pod, "helper"));
        }
        return all;
    }

    /**
     * Checks that every pod that stays has all that it had.
     *
     * @param accounted CPUs that the kubelet has accounted for the tenant's running pods
     */
    void assertUnharmed(int accounted) {
        assertThat(values()).isEqualTo(had);
        for (RunningPod pod : sharing) {
            assertThat(cpus(pod, "app").size())
                    .as("CPUs of %s", pod.manifest().name())
                    .isGreaterThanOrEqualTo(
                            ServedPodslice.MACHINE.cpuSet().size() - exclusive().size() - accounted);
        }
    }

    /** Reads what the pods that stay have, by cgroup and file; CPUs of those that have some for themselves. */
    private SortedMap<String, String> values() {
        SortedMap<String, String> values = new TreeMap<>();
        for (List<RunningPod> pods : List.of(pinned, sharing)) {
            for (RunningPod pod : pods) {
                CgroupPath path = kubelet.cgroup(pod.manifest());
                put(values, path);
                pod.containerIds().forEach((name, id) -> {
                    put(values, path.child(id));
                    if (pinned.contains(pod)) {
                        values.put(path.child(id) + " CPUs", cpus(pod, name).toString());
                    }
                });
            }
        }
        return values;
    }

    private void put(SortedMap<String, String> values, CgroupPath path) {
        for (String file : VALUES) {
            values.put(path + " " + file, kernel.read(path, file));
        }
    }
}
