package io.podslice.integration.bench;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cluster.ClusterOptions;
import io.podslice.cluster.ClusterSources;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.Completion;
import io.podslice.node.DeviceLocality;
import io.podslice.node.MachineSource;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeSources;
import io.podslice.node.PlanListener;
import io.podslice.node.RefusedException;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.SourceHealth;
import io.podslice.node.Verdict;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.StateFolder;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.cluster.SimulatedCluster;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubeletapi.KubeletRelease;
import io.podslice.simulator.pods.PodPhase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures the decision on RunPodSandbox of a pod whose spec comes from a source, on the simulated node with its simulated
 * kubelet and API server: from the call into the brain to its verdict, the lookups included. The nodes take turns, so that
 * other work of the machine affects each equally.
 */
final class SourcesBench {
    static final double TARGET_MILLIS = 3;

    /** The kubelet takes 100 calls of its Pods API a second. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(11);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private SourcesBench() {}

    /** A way to a pod's spec. */
    enum Way {
        ANNOTATION("annotation", false),
        PODS_API_ASKED("Pods API, asked", false),
        PODS_API_WATCHED("Pods API, watched", true),
        API_SERVER("API server, watched", true);

        private final String text;
        private final boolean isWatched;

        Way(String text, boolean isWatched) {
            this.text = text;
            this.isWatched = isWatched;
        }

        String text() {
            return text;
        }
    }

    /**
     * The decisions on pods of one kind, with the state in one folder.
     *
     * @param hasCpus true if the pod gets CPUs of its own
     * @param decisions times from the call to the verdict, without the time of the simulated kernel's files, which compute
     *     all cpusets anew with each write
     * @param lookups the part of it in which the sources were asked, their answer awaited and read
     * @param bare the calls of these lookups with bytes made beforehand, just after the decision: what the simulated kubelet
     *     takes
     * @param own decisions without the bare calls
     */
    record Row(Way way, boolean hasCpus, String folder, Samples decisions, Samples lookups, Samples bare, Samples own) {
        Row(Way way, boolean hasCpus, String folder, int rounds) {
            this(
                    way,
                    hasCpus,
                    folder,
                    new Samples(rounds),
                    new Samples(rounds),
                    new Samples(rounds),
                    new Samples(rounds));
        }
    }

    /**
     * Measures every row.
     *
     * @param pods the number of pods that stay on the node
     * @param folders the folders of the state, by name
     * @param rounds the number of pods that come and go, of each row
     * @param warmUp the number of pods before those that count
     */
    static List<Row> run(int pods, Map<String, Path> folders, int rounds, int warmUp) throws IOException {
        List<Row> rows = new ArrayList<>();
        List<Node> nodes = new ArrayList<>();
        Path sockets = Files.createTempDirectory("sources");
        try {
            for (Map.Entry<String, Path> folder : folders.entrySet()) {
                for (Way way : Way.values()) {
                    Node node = new Node(way, folder.getValue(), Files.createTempDirectory(sockets, "n"), pods);
                    nodes.add(node);
                    for (boolean hasCpus : new boolean[] {false, true}) {
                        rows.add(new Row(way, hasCpus, folder.getKey(), rounds));
                    }
                }
            }
            for (int round = -warmUp; round < rounds; round++) {
                for (int i = 0; i < rows.size(); i++) {
                    nodes.get(i / 2).comeAndGo(rows.get(i), round);
                }
            }
            return rows;
        } finally {
            nodes.forEach(Node::close);
            BenchMain.delete(sockets);
        }
    }

    /** A node with all its pods, and a cluster that knows them. */
    private static final class Node implements AutoCloseable {
        private final Way way;
        private final TimedFiles files = new TimedFiles(new SimulatedCgroups(ResizeBench.MACHINE));
        private final SimulatedCluster cluster;
        private final ClusterSources sources;
        private final TimedLookups lookups;
        private final NodeBrain brain;
        private final SourcePods pods;

        Node(Way way, Path folder, Path sockets, int count) throws IOException {
            this.way = way;
            this.cluster = new SimulatedCluster(sockets, "bench", List.of(), KubeletRelease.V1_37, ApiOptions.DEFAULT);
            this.pods = new SourcePods(way == Way.ANNOTATION);
            for (int i = 0; i < count; i++) {
                cluster.admit(pods.manifest("stays-" + i, false));
            }
            this.sources = ClusterSources.open(options(), NodeMeter.NONE);
            this.lookups = new TimedLookups(sources.specs(), sources.devices());
            NodeConfig config = NodeConfig.DEFAULT;
            this.brain = new NodeBrain(
                    config,
                    ResizeBench.MACHINE,
                    MachineSource.unchanging(ResizeBench.MACHINE),
                    files,
                    new PodPlacer(ResizeBench.MACHINE, config.policy()),
                    DeviceLocality.NONE,
                    new NodeSources(
                            lookups.specs(), lookups.devices(), NodeSources.DEFAULT_TIMEOUT, sources.refusals()),
                    new StateFolder(StateFolder.disk(folder.resolve(way.name())), Clock.systemUTC(), ""),
                    Clock.systemUTC(),
                    PlanListener.NONE,
                    RuntimeUpdates.NONE,
                    NodeBrain.MEMORY_WAIT,
                    NodeMeter.NONE);
            if (way.isWatched) {
                sources.start(brain::described);
                awaitReady();
            }
            new BenchPods(files, brain).start(count);
        }

        private ClusterOptions options() {
            return switch (way) {
                case ANNOTATION -> ClusterOptions.NONE;
                case PODS_API_ASKED, PODS_API_WATCHED -> {
                    cluster.podsApi().start();
                    cluster.podResources().start();
                    yield new ClusterOptions(
                            Optional.of(cluster.podsApi().socket()),
                            Optional.of(cluster.podResources().socket()));
                }
                case API_SERVER -> {
                    cluster.apiServer().start();
                    Instant now = Instant.now();
                    cluster.credentials().writeKubeconfig(now.minusSeconds(60), now.plus(Duration.ofHours(1)));
                    yield new ClusterOptions(
                            Optional.empty(),
                            Optional.of(new ClusterOptions.ApiAccess(
                                    Optional.of(cluster.credentials().kubeconfig()),
                                    Optional.empty(),
                                    Optional.empty())),
                            true,
                            Optional.empty(),
                            Optional.empty(),
                            false,
                            false,
                            Optional.empty());
                }
            };
        }

        private void awaitReady() {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!sources.specs().health().stream().allMatch(SourceHealth::ready)) {
                if (System.nanoTime() - end > 0) {
                    throw new BenchException(
                            way.text + ": not ready: " + sources.specs().health());
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }

        /** Plays one pod's whole life; rounds below zero do not count. */
        void comeAndGo(Row row, int round) throws IOException {
            String name = (row.hasCpus ? "pinned-comes-" : "comes-") + (round & Integer.MAX_VALUE);
            CgroupPath cgroup = pods.cgroup(name, row.hasCpus);
            // The kubelet makes the pod's cgroup, and the runtime enables in it what its containers need.
            files.create(cgroup);
            files.write(cgroup, "cgroup.subtree_control", "+cpu +cpuset +memory");
            cluster.admit(pods.manifest(name, row.hasCpus));
            LockSupport.parkNanos(PAUSE_NANOS);
            NodeRequest request = new NodeRequest.RunPodSandbox(pods.sandbox(name, row.hasCpus));
            files.reset();
            lookups.reset();
            long start = System.nanoTime();
            Verdict verdict = brain.decide(request);
            long took = System.nanoTime() - start - files.spentNanos();
            if (round >= 0) {
                long bare = bareCalls(name, row.hasCpus);
                row.decisions.add(took);
                row.lookups.add(lookups.spentNanos());
                row.bare.add(bare);
                row.own.add(Math.max(0, took - bare));
            }
            String id = "sandbox-" + name;
            files.create(cgroup.child(id));
            succeed(verdict, id);
            if (way != Way.ANNOTATION && round == 0) {
                checkSource(name);
            }
            files.remove(cgroup.child(id));
            brain.happened(new NodeEvent.SandboxStopped(id));
            files.remove(cgroup);
            brain.happened(new NodeEvent.SandboxRemoved(id));
            cluster.pods().end(pods.uid(name), PodPhase.SUCCEEDED);
            cluster.removed(pods.manifest(name, row.hasCpus));
        }

        /**
         * Makes the calls of a pod's lookups, at the kubelet's pace too, and returns their time in nanoseconds. Of a pod that
         * gets no CPUs no devices are asked for.
         */
        private long bareCalls(String name, boolean hasCpus) throws IOException {
            if (way != Way.PODS_API_ASKED && way != Way.PODS_API_WATCHED) {
                return 0;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            long nanos = new BareCall(cluster.podsApi().socket(), "/v1alpha1.Pods/GetPod", pods.uid(name)).nanos();
            return hasCpus
                    ? nanos
                            + new BareCall(
                                            cluster.podResources().socket(),
                                            "/v1.PodResourcesLister/Get",
                                            name,
                                            "default")
                                    .nanos()
                    : nanos;
        }

        /** A source that fails would make the pod one that is inferred from CRI: something else would be measured. */
        private void checkSource(String name) {
            boolean isDescribed = brain.snapshot().pods().stream()
                    .anyMatch(pod -> pod.name().equals(name) && pod.source().isCluster());
            if (!isDescribed) {
                throw new BenchException(way.text + ": does not describe " + name + ": "
                        + sources.specs().health());
            }
        }

        private static void succeed(Verdict verdict, String id) {
            if (!(verdict instanceof Verdict.Proceed(var _, Completion completion))) {
                throw new BenchException(id + ": " + verdict);
            }
            try {
                completion.succeeded(id);
            } catch (RefusedException e) {
                throw new BenchException(id + ": " + e.getMessage());
            }
        }

        @Override
        public void close() {
            sources.close();
            cluster.close();
        }
    }
}
