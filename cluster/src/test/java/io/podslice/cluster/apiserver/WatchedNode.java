package io.podslice.cluster.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.cluster.credentials.Access;
import io.podslice.cluster.credentials.Kubeconfig;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A fake API server and a source that watches it, over HTTP without credentials. */
final class WatchedNode implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Short pauses; a second without an event is silence. */
    static final WatchTimes TIMES = timesWithArrival(Duration.ofMillis(200));

    final FakeApiServer server;
    final ApiServerSource source;
    final List<KnownPod> told = new CopyOnWriteArrayList<>();
    private final Access access;

    static WatchTimes timesWithArrival(Duration arrival) {
        return new WatchTimes(
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofSeconds(60),
                arrival,
                Duration.ofMillis(20),
                Duration.ofSeconds(100),
                Duration.ofSeconds(10),
                Duration.ofMillis(5),
                Duration.ofMillis(40),
                Duration.ofMillis(80));
    }

    WatchedNode(Path folder) throws IOException {
        this(folder, TIMES);
    }

    WatchedNode(Path folder, WatchTimes times) throws IOException {
        server = new FakeApiServer();
        access = new Access(new Kubeconfig(kubeconfig(folder, server), Optional.empty()));
        ApiServer api = new ApiServer(access);
        source = new ApiServerSource(api, new NodeName(Optional.of("n1"), Optional.of(api)), times);
    }

    /** Writes a kubeconfig without credentials. */
    static Path kubeconfig(Path folder, FakeApiServer server) throws IOException {
        return Files.writeString(folder.resolve("kubelet.conf"), """
                apiVersion: v1
                kind: Config
                current-context: a
                contexts: [{name: a, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "%s"}}]
                users: [{name: u, user: {}}]
                """.formatted(server.address()));
    }

    void start() {
        source.start(told::add);
    }

    /** Waits until the watch has the pod with so many CPUs. */
    void awaitAtHand(String name, String uid, long cpus) {
        await(uid + " with " + cpus + " CPUs at hand").atMost(PATIENCE).untilAsserted(() -> {
            assertThat(source.atHand(uid, "default", name).map(TestPods::cpus)).contains(cpus);
            assertThat(source.health().ready()).isTrue();
        });
    }

    Optional<KnownPod> find(PodSandboxRequest pod) throws IOException {
        return source.find(pod, Duration.ofSeconds(5));
    }

    @Override
    public void close() {
        source.close();
        server.close();
        access.close();
    }
}
