package io.podslice.integration.vm;

import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.Wants;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The demo's pods beside one that asks nothing: placed, resized, kept through restarts, and their CPUs given back. */
final class DemoRound {
    private static final List<String> DEMO = List.of("database", "ml", "shared");
    private static final String SHARED = "shared-pool-app";
    private static final String DATABASE = "tightly-coupled-database";
    private static final String ML = "ml-workload";
    private static final String BURSTABLE = "/kubepods/burstable";
    private static final String EFFECTIVE = "cpuset.cpus.effective";
    private static final long MI = 1L << 20;

    private final String source;
    private final Findings findings;
    private final ClusterNode node;
    private final ClusterPods pods;
    private final ClusterChecks checks;

    DemoRound(String source, Findings findings, ClusterNode node, ClusterPods pods, ClusterChecks checks) {
        this.source = source;
        this.findings = findings;
        this.node = node;
        this.pods = pods;
        this.checks = checks;
    }

    void run() throws Exception {
        var _ = pods.create("plain");
        KubePod plain = pods.awaitRunning("plain");
        findings.equal(source + ": plain may run everywhere at first", Linux.online(), plain.allowed("worker"));
        for (String file : DEMO) {
            start(file);
        }
        for (String file : DEMO) {
            PodManifest wants = ClusterPods.wants(file);
            KubePod pod = pods.get(name(wants));
            checks.placed(source, wants, pod);
            checks.shown(source, wants, pod);
            checks.described(source, expectedSource(), pod);
            checks.listed(source, wants, pod);
        }
        if (!source.equals("staticPods") && !source.equals("nri")) {
            resized();
        }
        if (source.equals("auto")) {
            vetoed();
            restarted();
        }
        for (String file : DEMO) {
            pods.remove(name(ClusterPods.wants(file)));
        }
        // The mirror of a static pod is gone from the API before the kubelet has ended the pod.
        Patience.await(
                "plain may run everywhere again",
                () -> Patience.unless(
                        Linux.cgroup(BURSTABLE, EFFECTIVE).equals(Linux.online().toString()),
                        Linux.cgroup(BURSTABLE, EFFECTIVE)));
        findings.check(source + ": plain may run everywhere again", true, Linux.cgroup(BURSTABLE, EFFECTIVE));
    }

    private void start(String file) throws Exception {
        switch (source) {
            case "annotation" -> pods.createAnnotated(file);
            case "staticPods" -> pods.createStatic(file);
            default -> pods.create(file);
        }
        KubePod pod = pods.awaitRunning(name(ClusterPods.wants(file)));
        findings.check(source + ": " + pod.name() + " runs", pod.runs(), pod.cgroup());
    }

    private String name(PodManifest wants) {
        return source.equals("staticPods") ? ClusterPods.mirror(wants.name()) : wants.name();
    }

    /** Returns the source of which podslice says that it has the specs of this round. */
    private String expectedSource() {
        return switch (source) {
            case "auto", "both", "nri" -> "podsAPI";
            default -> source;
        };
    }

    // ---- Resizes by the API

    private static Wants wants(long cpus, long mebibytes) {
        return Wants.guaranteed(new Amounts(cpus * 1000, mebibytes * MI));
    }

    /** Returns a resize of a pod's budget, as the subresource takes it. */
    static String budget(long cpus, long mebibytes) {
        String amounts = "{\"cpu\":\"" + cpus + "\",\"memory\":\"" + mebibytes + "Mi\"}";
        return "{\"resources\":{\"requests\":" + amounts + ",\"limits\":" + amounts + "}}";
    }

    private void resized() throws Exception {
        PodManifest shared = ClusterPods.wants("shared");
        long process = pods.get(SHARED).process("main-app");
        // The node has 16 CPUs, of which the pods request 14 and a tenth.
        budgetOf(SHARED, shared, 3, 320, "grown");
        budgetOf(SHARED, shared, 2, 256, "shrunk");
        findings.equal(
                source + ": resized in place, main-app runs on",
                process,
                pods.get(SHARED).process("main-app"));

        PodManifest database = ClusterPods.wants("database");
        ownOf(database, 5);
        ownOf(database, 6);
    }

    private void budgetOf(String name, PodManifest wants, long cpus, long mebibytes, String when) throws Exception {
        pods.resize(name, budget(cpus, mebibytes));
        KubePod pod = pods.awaitResized(name);
        PodManifest wanted = wants.resizedTo(wants(cpus, mebibytes));
        checks.placed(source + ", " + when, wanted, pod);
        checks.shown(source + ", " + when, wanted, pod);
    }

    /** Resizes the database's own CPUs, within its pod's budget. */
    private void ownOf(PodManifest database, long cpus) throws Exception {
        String amounts = "{\"cpu\":\"" + cpus + "\"}";
        pods.resize(
                DATABASE,
                "{\"containers\":[{\"name\":\"database\",\"resources\":{\"requests\":" + amounts + ",\"limits\":"
                        + amounts + "}}]}");
        KubePod pod = pods.awaitResized(DATABASE);
        PodManifest wanted = ClusterPods.with(database, "database", wants(cpus, 768));
        String when = source + ", database has " + cpus + " CPUs";
        checks.placed(when, wanted, pod);
        checks.shown(when, wanted, pod);
        checks.listed(when, wanted, pod);
    }

    /** A resize that the kubelet allows and podslice does not, since no CPU would be left for other pods. */
    private void vetoed() throws Exception {
        pods.remove("plain");
        pods.resize(ML, budget(6, 512));
        Patience.await(ML + "'s resize is refused", () -> {
            KubePod pod = pods.get(ML);
            return Patience.unless(
                    pod.resizeConditions().toString().contains("sharedPoolCPUs")
                            || pod.resizeConditions().toString().contains("\"Error\""),
                    pod.summary());
        });
        KubePod refused = pods.get(ML);
        findings.check(
                source + ": a resize that takes the last CPUs is refused",
                refused.resizeConditions().toString().contains("Error"),
                refused.resizeConditions());
        checks.placed(source + ", refused", ClusterPods.wants("ml"), refused);
        budgetOf(ML, ClusterPods.wants("ml"), 4, 512, "given up");
        var _ = pods.create("plain");
        var _ = pods.awaitRunning("plain");
    }

    // ---- Restarts

    private void restarted() throws Exception {
        Map<String, String> before = look();
        node.kill(ClusterNode.PODSLICE);
        ClusterNode.awaitShim();
        same("podslice is killed", before);
        budgetOf(SHARED, ClusterPods.wants("shared"), 3, 256, "after podslice was killed");
        budgetOf(SHARED, ClusterPods.wants("shared"), 2, 256, "and back");

        before = look();
        node.kill(ClusterNode.KUBELET);
        Patience.await("the kubelet has looked at its pods", () -> {
            KubePod pod = pods.get(SHARED);
            return Patience.unless(pod.runs(), pod.summary());
        });
        budgetOf(SHARED, ClusterPods.wants("shared"), 3, 256, "after the kubelet was killed");
        budgetOf(SHARED, ClusterPods.wants("shared"), 2, 256, "and back");
        same("the kubelet is killed", before);
    }

    /** Returns the first process and the CPUs of each container that has CPUs for itself. */
    private Map<String, String> look() throws Exception {
        Map<String, String> seen = new LinkedHashMap<>();
        seen.put("database", own(pods.get(DATABASE), "database"));
        seen.put("ml-training", own(pods.get(ML), "ml-training"));
        return seen;
    }

    private static String own(KubePod pod, String container) {
        CpuSet cpus = pod.allowed(container);
        return "process " + pod.process(container) + " on " + cpus;
    }

    private void same(String when, Map<String, String> before) throws Exception {
        List<String> seen = new ArrayList<>();
        Map<String, String> now = look();
        now.forEach((container, text) -> seen.add(container + ": " + text));
        findings.check(source + ": " + when + ", and no container moves", now.equals(before), seen);
    }
}
