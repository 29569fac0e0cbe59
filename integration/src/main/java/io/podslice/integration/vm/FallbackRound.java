package io.podslice.integration.vm;

import io.podslice.proto.v1.Pod;
import java.util.List;
import java.util.Optional;

/**
 * A kubelet without a Pods API, and an API server that is away for more than a minute: podslice has what it knows, and asks the
 * next source for what it does not.
 */
final class FallbackRound {
    private static final String SHARED = "shared-pool-app";
    private static final String ML = "ml-workload";
    private static final String DATABASE = "tightly-coupled-database";
    private static final long MINUTE = 60_000_000_000L;

    private final Findings findings;
    private final ClusterNode node;
    private final ClusterPods pods;
    private final ClusterChecks checks;
    private final Wait server;

    /** Waits for the API server. */
    interface Wait {
        void await() throws Exception;
    }

    FallbackRound(Findings findings, ClusterNode node, ClusterPods pods, ClusterChecks checks, Wait server) {
        this.findings = findings;
        this.node = node;
        this.pods = pods;
        this.checks = checks;
        this.server = server;
    }

    void run() throws Exception {
        var _ = pods.create("shared");
        KubePod shared = pods.awaitRunning(SHARED);
        checks.described("no Pods API", "apiServer", shared);
        String before = shared.allowed("main-app") + " for process " + shared.process("main-app");

        node.stop(ClusterNode.API_SERVER);
        long since = System.nanoTime();
        pods.createStatic("ml");
        String mirror = ClusterPods.mirror(ML);
        Patience.await(mirror + " runs while the API server is away", () -> {
            Optional<Pod> known = pod(mirror);
            return Patience.unless(known.filter(FallbackRound::runs).isPresent(), known);
        });
        findings.equal(
                "away: a new static pod's spec is from its manifest",
                "staticPods",
                pod(mirror).orElseThrow().getSpecSource());

        node.kill(ClusterNode.PODSLICE);
        ClusterNode.awaitShim();
        findings.equal(
                "away: a pod has its CPUs after podslice was killed",
                before,
                shared.allowed("main-app") + " for process " + shared.process("main-app"));
        findings.equal(
                "away: podslice knows from where it had the pod's spec",
                "apiServer",
                pod(SHARED).orElseThrow().getSpecSource());
        Thread.sleep(Math.max(0, (MINUTE - (System.nanoTime() - since)) / 1_000_000));

        node.start(ClusterNode.API_SERVER);
        server.await();
        findings.check(
                "the API server was away for a minute",
                System.nanoTime() - since >= MINUTE,
                (System.nanoTime() - since) / 1_000_000_000 + " s");
        checks.placed("back", ClusterPods.wants("shared"), pods.get(SHARED));
        checks.placed("back", ClusterPods.wants("ml"), pods.awaitRunning(mirror));
        var _ = pods.create("database");
        KubePod database = pods.awaitRunning(DATABASE);
        checks.placed("back", ClusterPods.wants("database"), database);
        checks.described("back", "apiServer", database);
        for (String name : List.of(SHARED, mirror, DATABASE)) {
            pods.remove(name);
        }
    }

    private Optional<Pod> pod(String name) {
        return checks.known().stream().filter(pod -> pod.getName().equals(name)).findFirst();
    }

    /** Returns true if every container of the pod has started. */
    private static boolean runs(Pod pod) {
        return !pod.getContainersList().isEmpty()
                && pod.getContainersList().stream()
                        .allMatch(container -> !container.getId().isEmpty());
    }
}
