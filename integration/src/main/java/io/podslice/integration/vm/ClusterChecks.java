package io.podslice.integration.vm;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.podresources.v1.GetPodResourcesRequest;
import io.podslice.proto.podresources.v1.PodResources;
import io.podslice.proto.podresources.v1.PodResourcesListerGrpc;
import io.podslice.proto.v1.GetPodRequest;
import io.podslice.proto.v1.GetPodResponse;
import io.podslice.proto.v1.ListPodsRequest;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.PodManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** Compares what pods have in the kernel, and what the API server says of them, with what they ask for. */
final class ClusterChecks {
    private static final long PERIOD = 100_000;
    private static final String CPU_MAX = "cpu.max";

    private static final Path API = Path.of("/run/podslice/podslice.sock");
    private static final Duration CALL = Duration.ofMinutes(2);

    private final Findings findings;
    private final ClusterPods pods;

    ClusterChecks(Findings findings, ClusterPods pods) {
        this.findings = findings;
        this.pods = pods;
    }

    /**
     * Checks the budget of a pod with pod-level resources, the CPUs of its containers, and that no other pod's container
     * may run on those that are a container's own.
     *
     * @param when the occasion, which begins every line
     * @param wants what the pod asks for now
     */
    void placed(String when, PodManifest wants, KubePod pod) throws IOException, InterruptedException {
        String about = when + ": " + wants.name();
        Amounts limits = wants.wants().limits();
        findings.equal(about + "'s cpu.max", quota(limits), Linux.cgroup(pod.cgroup(), CPU_MAX));
        // The kubelet's linear formula. It reads a request back from the weight, and may show a few millicores less of
        // it.
        long shares = limits.cpuMillis() * 1024 / 1000;
        findings.equal(
                about + "'s cpu.weight is the kubelet's",
                Long.toString(1 + (shares - 2) * 9999 / 262_142),
                Linux.cgroup(pod.cgroup(), "cpu.weight"));
        findings.equal(
                about + "'s memory.max", Long.toString(limits.memoryBytes()), Linux.cgroup(pod.cgroup(), "memory.max"));
        CpuSet all = CpuSet.empty();
        CpuSet shared = CpuSet.empty();
        List<String> containers = new ArrayList<>();
        for (ContainerManifest container : wants.longRunning()) {
            CpuSet cpus = pod.allowed(container.name());
            containers.add(container.name() + " " + cpus);
            if (own(container) > 0) {
                owns(about + "/" + container.name(), own(container), pod, container.name());
            } else {
                findings.equal(
                        about + "/" + container.name() + " may use the pod's budget",
                        quota(limits),
                        Linux.cgroup(pod.cgroup(container.name()), CPU_MAX));
                shared = shared.union(cpus);
            }
            all = all.union(cpus);
        }
        findings.check(
                about + " has " + limits.cpuMillis() / 1000 + " CPUs of one NUMA node",
                all.size() * 1000L == limits.cpuMillis() && Linux.numaNodesOf(all) == 1,
                containers);
        long owned = wants.longRunning().stream().mapToLong(ClusterChecks::own).sum();
        findings.check(
                about + " shares what no container has for itself",
                shared.size() == limits.cpuMillis() / 1000 - owned,
                shared);
        kept(about, pod, all);
    }

    /** Returns the CPUs that a container gets for itself: whole ones, of both a request and a limit. */
    private static long own(ContainerManifest container) {
        return container.wants().limits().cpuMillis() / 1000;
    }

    private static String quota(Amounts limits) {
        return limits.cpuMillis() * PERIOD / 1000 + " " + PERIOD;
    }

    private void owns(String about, long count, KubePod pod, String container) {
        CpuSet own = pod.allowed(container);
        List<String> intruders = new ArrayList<>();
        for (String sibling : pod.containers()) {
            if (!sibling.equals(container) && pod.allowed(sibling).intersects(own)) {
                intruders.add(sibling);
            }
        }
        findings.check(
                about + " has " + count + " CPUs that no sibling has",
                own.size() == count && intruders.isEmpty(),
                own + (intruders.isEmpty() ? "" : ", also of " + intruders));
        findings.equal(about + " is never throttled", "max " + PERIOD, Linux.cgroup(pod.cgroup(container), CPU_MAX));
    }

    /** Checks that no container of another pod may run on a pod's CPUs. */
    private void kept(String about, KubePod pod, CpuSet cpus) throws IOException, InterruptedException {
        List<String> intruders = new ArrayList<>();
        for (KubePod other : pods.all()) {
            if (!other.uid().equals(pod.uid()) && other.runs()) {
                for (String container : other.containers()) {
                    if (other.allowed(container).intersects(cpus)) {
                        intruders.add(other.name() + "/" + container + " on " + other.allowed(container));
                    }
                }
            }
        }
        findings.check(about + "'s CPUs are of no other pod", intruders.isEmpty(), cpus + " " + intruders);
    }

    /** Returns the pods that podslice knows. */
    List<Pod> known() {
        try (NodeApiClient client = new NodeApiClient(API)) {
            return client.node(CALL)
                    .listPods(ListPodsRequest.getDefaultInstance())
                    .getPodsList();
        }
    }

    /** Checks from which source podslice says that it has a pod's spec. */
    void described(String when, String source, KubePod pod) {
        try (NodeApiClient client = new NodeApiClient(API)) {
            GetPodResponse known = client.node(CALL)
                    .getPod(GetPodRequest.newBuilder()
                            .setPod(PodReference.newBuilder().setUid(pod.uid()))
                            .build());
            findings.check(
                    when + ": podslice has the spec of " + pod.name() + " from " + source,
                    known.getPod().getSpecSource().equals(source),
                    known.getPod().getSpecSource() + " " + known.getPod().getRemarksList());
        }
    }

    /** Checks that podslice's PodResources lists the pod as the kubelet's does, with the CPUs that containers have for themselves. */
    void listed(String when, PodManifest wants, KubePod pod) {
        String about = when + ": PodResources of " + pod.name();
        try (NodeApiClient client = new NodeApiClient(API)) {
            PodResources listed = PodResourcesListerGrpc.newBlockingStub(client.channel())
                    .withDeadlineAfter(CALL.toSeconds(), TimeUnit.SECONDS)
                    .get(GetPodResourcesRequest.newBuilder()
                            .setPodNamespace("default")
                            .setPodName(pod.name())
                            .build())
                    .getPodResources();
            CpuSet all = CpuSet.empty();
            for (ContainerManifest container : wants.longRunning()) {
                all = all.union(pod.allowed(container.name()));
                CpuSet own = own(container) > 0 ? pod.allowed(container.name()) : CpuSet.empty();
                findings.equal(about + "/" + container.name(), List.of(own), cpus(listed, container.name()));
            }
            findings.equal(about, all, cpus(listed.getCpuIdsList()));
        }
    }

    /** Returns the CPUs of each container of that name, of which there is one. */
    private static List<CpuSet> cpus(PodResources listed, String container) {
        return listed.getContainersList().stream()
                .filter(one -> one.getName().equals(container))
                .map(one -> cpus(one.getCpuIdsList()))
                .toList();
    }

    private static CpuSet cpus(List<Long> ids) {
        return CpuSet.of(ids.stream().mapToInt(Math::toIntExact).toArray());
    }

    /** Checks that the API server shows a pod's resources as they are asked for, of the pod and its containers. */
    void shown(String when, PodManifest wants, KubePod pod) {
        String about = when + ": the API's status of " + wants.name();
        findings.equal(about + " is Running", "Running", pod.phase());
        findings.equal(
                about + " has the QoS class",
                "Guaranteed",
                pod.json().at("/status/qosClass").asString(""));
        findings.check(about + " has no pending resize", pod.resizeConditions().isEmpty(), pod.resizeConditions());
        equal(
                about + ": limits",
                pod.json().at("/spec/resources/limits"),
                pod.json().at("/status/resources/limits"));
        // The kubelet (1.36) reads a limit back from the cgroup, and a request of CPU from its weight, a few millicores
        // less;
        // it keeps the request of memory in status.resources as it was when the pod began, whatever has been granted
        // since.
        equal(
                about + ": allocated",
                pod.json().at("/spec/resources/requests"),
                pod.json().at("/status/allocatedResources"));
        for (ContainerManifest container : wants.longRunning()) {
            if (own(container) > 0) {
                equal(
                        about + "/" + container.name() + ": limits",
                        spec(pod, container.name()).at("/resources/limits"),
                        pod.status(container.name()).at("/resources/limits"));
            }
        }
    }

    private static JsonNode spec(KubePod pod, String container) {
        for (String list : List.of("containers", "initContainers")) {
            for (JsonNode one : pod.json().path("spec").path(list)) {
                if (one.path("name").asString("").equals(container)) {
                    return one;
                }
            }
        }
        throw new IllegalStateException(pod.name() + " has no container " + container);
    }

    private void equal(String what, JsonNode expected, JsonNode seen) {
        findings.check(what, expected.equals(seen), seen + " for " + expected);
    }
}
