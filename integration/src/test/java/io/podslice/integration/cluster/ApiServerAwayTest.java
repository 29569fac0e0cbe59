package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.proto.v1.SpecSource;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The API server, the only source, goes away with 250 pods on the node. Until it is back as many come, and those that are
 * there are resized, get new sandboxes, or are followed by others of their names. Each pod starts, and has what the kubelet has
 * accounted for it at that moment.
 */
class ApiServerAwayTest {
    private static final int KNOWN = 250;
    private static final int PODS = 500;
    /** Of so many pods one has exclusive CPUs, and nine have budgets. */
    private static final int GROUP = 20;

    private static final Duration AWAY = Duration.ofSeconds(Boolean.getBoolean("podslice.long") ? 60 : 10);
    private static final Machine MACHINE = Machine.regular(2, 1, 32, 2, 512L << 30);
    private static final String IMAGE = "example.com/app:v1";
    private static final String SOURCE = "apiServer";

    private final List<RunningPod> running = new ArrayList<>();
    private int changes;

    private static PodManifest pod(int i) {
        String name = "pod-" + i;
        int kind = i % GROUP;
        return kind == 0 ? ClusterNode.pod(name, 2, 1) : kind < 10 ? budget(name, 200) : ClusterNode.plain(name);
    }

    private static PodManifest budget(String name, int millis) {
        return new PodManifest(
                name,
                "default",
                name + "-uid",
                Wants.guaranteed(new Amounts(millis, 64L << 20)),
                List.of(
                        new ContainerManifest("app", Kind.APP, IMAGE, Wants.NONE),
                        new ContainerManifest("helper", Kind.SIDECAR, IMAGE, Wants.NONE)),
                Map.of());
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void podsHaveWhatTheKubeletAccountedForWhileTheServerIsAway() throws Exception {
        Options options =
                Options.of(Way.API_SERVER).on(MACHINE).with(ApiOptions.DEFAULT.bookmarkEvery(Duration.ofMillis(300)));
        try (ClusterNode node = new ClusterNode(options)) {
            for (int i = 0; i < KNOWN; i++) {
                running.add(node.kubelet.run(pod(i)));
            }
            for (int i = 0; i < KNOWN; i += GROUP) {
                assertThat(node.specSource(running.get(i))).isEqualTo(SOURCE);
            }

            node.cluster.apiServer().goAway();
            long since = System.nanoTime();
            for (int i = KNOWN; i < PODS; i++) {
                running.add(node.kubelet.run(pod(i)));
                change(node, i - KNOWN);
            }
            for (int i = 0; System.nanoTime() - since < AWAY.toNanos(); i = (i + 1) % PODS) {
                change(node, i);
            }
            assertThat(ready(node)).isFalse();
            Duration away = Duration.ofNanos(System.nanoTime() - since);
            running.forEach(pod -> check(node, pod));

            node.cluster.apiServer().start();
            await().atMost(Duration.ofSeconds(60)).until(() -> ready(node));
            RunningPod late = node.kubelet.run(ClusterNode.pod("late", 2, 1));
            assertThat(node.specSource(late)).isEqualTo(SOURCE);
            running.forEach(pod -> check(node, pod));
            checkExclusive(node, late);
            System.out.printf(
                    "away for %.0f s: %d pods, %d of them new, and %d changes%n",
                    away.toMillis() / 1000.0, running.size(), PODS - KNOWN, changes);
        }
    }

    /** Changes a pod of each kind in a way of its own; the others are left alone. */
    private void change(ClusterNode node, int i) {
        RunningPod pod = running.get(i);
        switch (i % GROUP) {
            // The kubelet makes the sandbox anew of a pod whose spec podslice knows.
            case 0 -> running.set(i, node.kubelet.sandboxAnew(pod, 1 + changes));
            case 1 -> {
                long millis = pod.manifest().wants().limits().cpuMillis() == 300 ? 100 : 300;
                PodManifest other = pod.manifest().resizedTo(Wants.guaranteed(new Amounts(millis, 96L << 20)));
                running.set(i, node.kubelet.sandboxAnew(node.kubelet.resize(pod, other), 1 + changes));
            }
            // A StatefulSet's pod keeps its name, and comes with another uid and another spec.
            case 2 -> {
                node.end(pod);
                String name = pod.manifest().name();
                running.set(i, node.kubelet.run(budget(name, 400).called(name, name + "-uid-" + changes)));
            }
            default -> {
                return;
            }
        }
        changes++;
    }

    private static boolean ready(ClusterNode node) {
        return node.status().getSourcesList().stream()
                .filter(source -> source.getName().equals(SOURCE))
                .allMatch(SpecSource::getReady);
    }

    /** Checks that a pod that asks has exactly the budget of its present manifest. */
    private static void check(ClusterNode node, RunningPod pod) {
        Wants wants = pod.manifest().wants();
        if (!wants.equals(Wants.NONE)) {
            String name = pod.manifest().name();
            assertThat(node.file(pod, "cpu.max"))
                    .as(name)
                    .isEqualTo(wants.limits().cpuMillis() * 100 + " 100000");
            assertThat(node.file(pod, "memory.max"))
                    .as(name)
                    .isEqualTo(Long.toString(wants.limits().memoryBytes()));
        }
    }

    /** Checks that the pods whose specs were known have their CPUs, which no other pod has. */
    private void checkExclusive(ClusterNode node, RunningPod late) {
        CpuSet taken = CpuSet.empty();
        List<RunningPod> exclusive = new ArrayList<>(List.of(late));
        for (int i = 0; i < KNOWN; i += GROUP) {
            exclusive.add(running.get(i));
        }
        for (RunningPod pod : exclusive) {
            CpuSet own = node.cpus(pod, "app").union(node.cpus(pod, "helper"));
            assertThat(own.size()).as(pod.manifest().name()).isEqualTo(2);
            assertThat(own.intersects(taken))
                    .as("%s on %s", pod.manifest().name(), own)
                    .isFalse();
            taken = taken.union(own);
        }
        for (RunningPod pod : running) {
            if (!exclusive.contains(pod)) {
                assertThat(node.cpus(pod, "app").intersects(taken))
                        .as(pod.manifest().name())
                        .isFalse();
            }
        }
    }
}
