package io.podslice.integration.vm;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A cluster of one node with a real API server and a real kubelet: pods that say nothing of podslice, from each source of
 * specs, resized by the API, refused, and kept through restarts.
 */
public final class ClusterScenario {
    private static final URI SERVER = URI.create("https://127.0.0.1:6443");
    private static final Path PKI = Path.of("/etc/kubernetes/pki");
    private static final Path CONTAINERD = Path.of("/run/containerd/containerd.sock");
    private static final String NODE = "/api/v1/nodes/podslice-vm";

    private final Findings findings;
    private final KubeApi api;
    private final ClusterNode node = new ClusterNode();
    private final ClusterPods pods;
    private final Map<String, Round> rounds = new LinkedHashMap<>();

    /** A part of the scenario, which leaves no pods behind. */
    private interface Round {
        void run() throws Exception;
    }

    private ClusterScenario(Findings findings, KubeApi api) {
        this.findings = findings;
        this.api = api;
        this.pods = new ClusterPods(api);
        ClusterChecks checks = new ClusterChecks(findings, pods);
        rounds.put("bare", this::bare);
        for (String source : List.of("annotation", "podsAPI", "apiServer", "staticPods", "auto")) {
            rounds.put(source, () -> {
                begin(ClusterSettings.of(source), ClusterNode.SHIM);
                new DemoRound(source, findings, node, pods, checks).run();
            });
        }
        ClusterSettings auto = ClusterSettings.of("auto");
        rounds.put("refused", () -> {
            begin(auto.refusing("retry"), ClusterNode.SHIM);
            new RefusedRound(findings, pods).retried();
            begin(auto.refusing("fail"), ClusterNode.SHIM);
            new RefusedRound(findings, pods).failed();
        });
        rounds.put("fallback", () -> {
            begin(auto.withoutPodsApi(), ClusterNode.SHIM);
            new FallbackRound(findings, node, pods, checks, this::awaitServer).run();
        });
        rounds.put("both", () -> {
            begin(auto.asPlugin(), ClusterNode.SHIM);
            new DemoRound("both", findings, node, pods, checks).run();
        });
        rounds.put("nri", () -> {
            begin(auto.asPlugin(), CONTAINERD);
            new DemoRound("nri", findings, node, pods, checks).run();
        });
    }

    /**
     * Runs the rounds.
     *
     * @param args the file for the findings, then the names of the rounds; all of them if there are none
     */
    public static void main(String[] args) throws Exception {
        Findings findings = new Findings(Path.of(args[0]));
        ClusterScenario scenario = new ClusterScenario(findings, new KubeApi(SERVER, PKI));
        List<String> wanted = List.of(args).subList(1, args.length);
        scenario.awaitServer();
        findings.check("the API server is ready", true, seconds());
        for (String name : wanted.isEmpty() ? List.copyOf(scenario.rounds.keySet()) : wanted) {
            Round round = scenario.rounds.get(name);
            if (round == null) {
                throw new IllegalArgumentException("there is no round " + name);
            }
            scenario.run(name, round);
        }
        System.exit(findings.allHold() ? 0 : 1);
    }

    private void awaitServer() throws Exception {
        Patience.await("the API server is ready", () -> {
            try {
                return Patience.unless(api.isReady(), "not ready");
            } catch (IOException e) {
                return Optional.of(String.valueOf(e));
            }
        });
    }

    /** Runs a round. One that breaks off is a finding, and its pods are gone before the next one begins. */
    private void run(String name, Round round) throws Exception {
        System.out.println("--- round " + name + " at " + seconds());
        try {
            round.run();
            findings.check(name + ": the round came to its end", true, seconds());
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace, true));
            findings.check(name + ": the round came to its end", false, seconds() + ": " + trace);
        }
        pods.removeAll();
    }

    private static String seconds() throws IOException {
        String uptime = Files.readString(Path.of("/proc/uptime"));
        return uptime.substring(0, uptime.indexOf(' ')) + " s";
    }

    /** Starts podslice with that configuration, and the kubelet at the socket, where it is not there already. */
    private void begin(ClusterSettings settings, Path runtime) throws Exception {
        node.startPodslice(settings.yaml());
        ClusterNode.awaitShim();
        kubelet(runtime);
    }

    private void kubelet(Path runtime) throws Exception {
        if (node.startKubelet(runtime)) {
            Patience.await("the node is ready", () -> {
                Optional<JsonNode> object = api.find(NODE);
                return Patience.unless(
                        object.map(ClusterScenario::isReady).orElse(false),
                        object.map(JsonNode::toString).orElse("none"));
            });
        }
    }

    private static boolean isReady(JsonNode node) {
        for (JsonNode condition : node.at("/status/conditions")) {
            if (condition.path("type").asString("").equals("Ready")) {
                return condition.path("status").asString("").equals("True");
            }
        }
        return false;
    }

    /** The kubelet at containerd, without podslice: what the other rounds' findings are compared with. */
    private void bare() throws Exception {
        kubelet(CONTAINERD);
        findings.check("bare: the node is ready", true, seconds());
        var _ = pods.create("shared");
        KubePod pod = pods.awaitRunning("shared-pool-app");
        findings.check("bare: a pod runs", pod.runs(), seconds() + " " + pod.cgroup());
        pods.createStatic("plain");
        KubePod mirror = pods.awaitRunning(ClusterPods.mirror("plain"));
        findings.check("bare: a static pod runs", mirror.runs(), seconds() + " " + mirror.cgroup());
        findings.check(
                "bare: the kernel has the cgroup",
                Linux.hasCgroup(pod.cgroup("main-app")),
                Linux.cgroup(pod.cgroup(), "cpu.max") + ", " + Linux.cgroup(pod.cgroup(), "memory.max"));
        pods.resize("shared-pool-app", DemoRound.budget(3, 320));
        KubePod resized = pods.awaitResized("shared-pool-app");
        // The kubelet reads the request of CPU back from cpu.weight, and keeps that of memory as it was when the pod
        // began.
        findings.equal(
                "bare: a resize is done, with " + resized.json().at("/status/resources/requests") + " for "
                        + resized.json().at("/spec/resources/requests"),
                "300000 100000",
                Linux.cgroup(resized.cgroup(), "cpu.max"));
    }
}
