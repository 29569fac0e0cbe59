package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.proto.v1.SpecSource;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.apiserver.CertificateAuthority;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.kubeletapi.KubeletRelease;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * 500 pods on a node while the kubelet starts anew again and again, the API server goes away, watches are cut every second
 * and certificates are renewed: none is refused, none is sized by a spec from before, and nothing grows.
 */
class ManyPodsTest {
    private static final int PODS = 500;
    /** Of so many pods one has exclusive CPUs. */
    private static final int GROUP = 20;

    private static final Machine MACHINE = Machine.regular(2, 1, 32, 2, 512L << 30);
    private static final String IMAGE = "example.com/app:v1";
    private static final int MOST_MORE_THREADS = 20;
    private static final int MOST_MORE_DESCRIPTORS = 40;

    /** Returns pod i: some with exclusive CPUs, some with a budget, some that ask nothing. */
    private static PodManifest pod(int i) {
        String name = "pod-" + i;
        return switch (i % GROUP) {
            case 0 -> ClusterNode.pod(name, 2, 1);
            case 1, 2, 3, 4, 5, 6, 7, 8 -> budget(name, 200);
            default -> ClusterNode.plain(name);
        };
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
    void podsAreWhatTheClusterSaysWhateverHappensToIt() throws Exception {
        Options options = Options.of(Way.AUTO)
                .on(MACHINE)
                .with(KubeletRelease.V1_36)
                .with(ApiOptions.DEFAULT.bookmarkEvery(Duration.ofMillis(300)).keeping(50))
                .lookingUpFor(Duration.ofSeconds(1));
        try (ClusterNode node = new ClusterNode(options)) {
            // A first pod, so that what is made once is there before it is counted.
            node.end(node.kubelet.run(ClusterNode.pod("first", 2, 1)));
            int threads = threads();
            long descriptors = descriptors();

            List<RunningPod> running = new ArrayList<>();
            try (Unrest _ = new Unrest(node)) {
                for (int i = 0; i < PODS; i++) {
                    running.add(node.kubelet.run(pod(i)));
                }
                running.forEach(pod -> check(node, pod));
                for (int i = 0; i < PODS; i += GROUP) {
                    RunningPod budget = running.get(i + 1);
                    PodManifest larger = budget.manifest().resizedTo(Wants.guaranteed(new Amounts(300, 96L << 20)));
                    running.set(i + 1, node.kubelet.sandboxAnew(node.kubelet.resize(budget, larger), 1));
                    running.set(i, node.kubelet.sandboxAnew(running.get(i), 1));
                }
                running.forEach(pod -> check(node, pod));
                // A StatefulSet's pods keep their names, and come with other uids and other specs.
                for (int i = 2; i < PODS; i += GROUP) {
                    node.end(running.get(i));
                    String name = running.get(i).manifest().name();
                    running.set(i, node.kubelet.run(budget(name, 400).called(name, name + "-second-uid")));
                }
                running.forEach(pod -> check(node, pod));
            }
            checkExclusive(node, running);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> node.status().getSourcesList().stream().allMatch(SpecSource::getReady));
            running.forEach(node::end);

            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                assertThat(node.status().getPods()).isZero();
                // Pods that ended while the watch was broken are held until its next list is a minute old.
                node.status()
                        .getSourcesList()
                        .forEach(source ->
                                assertThat(source.getPods()).as("%s", source).isLessThanOrEqualTo(PODS / GROUP));
                assertThat(threads()).isLessThanOrEqualTo(threads + MOST_MORE_THREADS);
                assertThat(descriptors()).isLessThanOrEqualTo(descriptors + MOST_MORE_DESCRIPTORS);
            });
        }
    }

    /** Checks that a pod that asks has exactly the budget of its present manifest. */
    private static void check(ClusterNode node, RunningPod pod) {
        Wants wants = pod.manifest().wants();
        if (!wants.equals(Wants.NONE)) {
            assertThat(node.file(pod, "cpu.max"))
                    .as(pod.manifest().name())
                    .isEqualTo(wants.limits().cpuMillis() * 100 + " 100000");
            assertThat(node.file(pod, "memory.max"))
                    .as(pod.manifest().name())
                    .isEqualTo(Long.toString(wants.limits().memoryBytes()));
        }
    }

    private static void checkExclusive(ClusterNode node, List<RunningPod> running) {
        CpuSet taken = CpuSet.empty();
        for (int i = 0; i < running.size(); i += GROUP) {
            CpuSet own = node.cpus(running.get(i), "app").union(node.cpus(running.get(i), "helper"));
            assertThat(own.intersects(taken)).as("pod %s on %s", i, own).isFalse();
            taken = taken.union(own);
        }
        for (RunningPod pod : running) {
            if (pod.manifest().wants().equals(Wants.NONE)) {
                assertThat(node.cpus(pod, "app").intersects(taken)).isFalse();
            }
        }
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    /** Troubles the cluster from another thread until it is closed; then everything is well again. */
    private static final class Unrest implements AutoCloseable {
        private final ClusterNode node;
        private final Thread thread = Thread.ofPlatform().name("unrest").unstarted(this::run);
        private volatile boolean ends;

        Unrest(ClusterNode node) {
            this.node = node;
            thread.start();
        }

        private void run() {
            try {
                for (int second = 0; !ends; second++) {
                    Thread.sleep(500);
                    trouble(second);
                    Thread.sleep(500);
                    node.cluster.pods().readAll();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void trouble(int second) {
            node.cluster.apiServer().cutWatches();
            switch (second % 12) {
                case 1, 6 -> node.cluster.restartKubelet();
                case 2 -> {
                    Instant now = Instant.now();
                    node.cluster.credentials().writeCertificate(now.minusSeconds(60), now.plusSeconds(3600));
                    node.cluster.apiServer().renewCertificate(now.minusSeconds(60), now.plusSeconds(3600));
                }
                case 3 -> node.cluster.apiServer().goAway();
                case 8 -> node.cluster.apiServer().start();
                case 9 -> node.cluster.apiServer().store().compact();
                case 10 -> {
                    Instant now = Instant.now();
                    node.cluster.apiServer().replaceAuthority(new CertificateAuthority("kubernetes " + second));
                    node.cluster.credentials().writeKubeconfig(now.minusSeconds(60), now.plusSeconds(3600));
                }
                default -> {}
            }
        }

        @Override
        public void close() {
            ends = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            node.cluster.pods().readAll();
            node.cluster.apiServer().goAway();
            node.cluster.apiServer().start();
        }
    }
}
