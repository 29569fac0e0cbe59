package io.podslice.agent.api;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.ActualResources;
import io.podslice.node.ManagedNode;
import io.podslice.node.NodeAllocations;
import io.podslice.node.NodeMetrics;
import io.podslice.node.NodeProtection;
import io.podslice.node.NodeView;
import io.podslice.node.NodeView.ContainerView;
import io.podslice.node.NodeView.PodView;
import io.podslice.node.PodActual;
import io.podslice.node.PodOrigin;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeCondition;
import io.podslice.node.ResizeRequest;
import io.podslice.node.RevisedView;
import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** A node whose pods a test sets. */
public final class FakeNode implements ManagedNode {
    private final TreeMap<String, PodView> pods = new TreeMap<>();
    private long revision = 1_000;
    private Function<ResizeRequest, ResizeAnswer> resizes = _ -> new ResizeAnswer.Done(List.of());
    private boolean failing;
    private List<SourceHealth> sources = List.of();

    /** Returns a pod with 4 CPUs, 2 of them exclusive to its container; its spec is from its annotation. */
    public static PodView pod(String name, String note, ResizeCondition... conditions) {
        return pod(name, note, new PodOrigin(SpecSource.ANNOTATION, 0, List.of(), Map.of()), conditions);
    }

    /** Returns such a pod whose spec is from elsewhere. */
    public static PodView pod(String name, String note, PodOrigin origin, ResizeCondition... conditions) {
        ResourceRequirements four = new ResourceRequirements(ResourceList.of("4", "2Gi"), ResourceList.of("4", "2Gi"));
        ResourceRequirements two = new ResourceRequirements(ResourceList.of("2", "1Gi"), ResourceList.of("2", "1Gi"));
        return new PodView(
                "uid-" + name,
                "default",
                name,
                new CgroupPath("/kubepods/pod" + name.replaceAll("[^a-z0-9-]", "")),
                "sandbox-" + name,
                "RUNNING",
                false,
                origin,
                conditions.length == 0
                        ? four
                        : new ResourceRequirements(ResourceList.of("6", "2Gi"), ResourceList.of("6", "2Gi")),
                four,
                ResourceList.EMPTY,
                CpuSet.parse("0-1,8-9"),
                CpuSet.empty(),
                CpuSet.parse("1,9"),
                CpuSet.of(0),
                CpuSet.of(0),
                new TreeMap<>(Map.of("cpu.max", note)),
                List.of(
                        new ContainerView("app", "id-app", "app", "container", CpuSet.parse("0,8"), two, two),
                        new ContainerView(
                                "log",
                                "",
                                "sidecar",
                                "pod",
                                CpuSet.parse("1,9"),
                                ResourceRequirements.NONE,
                                ResourceRequirements.NONE)),
                List.of(conditions));
    }

    @Override
    public synchronized List<SourceHealth> sources() {
        return sources;
    }

    /** Has a Pods API that holds 3 pods, and an API server that has been refusing connections since that time. */
    public synchronized void hasSourcesSince(Instant since) {
        sources = List.of(
                new SourceHealth(SpecSource.PODS_API, true, "", since, 3, 340, 2, 0),
                new SourceHealth(SpecSource.API_SERVER, false, "connection refused", since, 1, 0, 5, 17));
    }

    public synchronized void put(PodView pod) {
        pods.put(pod.uid(), pod);
        changed();
    }

    public synchronized void remove(String name) {
        pods.remove("uid-" + name);
        changed();
    }

    public synchronized void answerResizesWith(Function<ResizeRequest, ResizeAnswer> answer) {
        resizes = answer;
    }

    /** Makes every later read fail. */
    public synchronized void fail() {
        failing = true;
        changed();
    }

    private void changed() {
        revision++;
        notifyAll();
    }

    @Override
    public synchronized RevisedView revisedSnapshot() {
        if (failing) {
            throw new IllegalStateException("the disk is on fire");
        }
        List<PodView> sorted = new ArrayList<>(pods.values());
        sorted.sort(Comparator.comparing(PodView::name));
        return new RevisedView(
                revision,
                new NodeView(
                        CpuSet.parse("0-15"), CpuSet.of(15), CpuSet.parse("2-7,10-15"), NodeProtection.NONE, sorted));
    }

    private volatile NodeAllocations allocations = new NodeAllocations(
            List.of(),
            new PodPlacer(machine(), PlacementPolicy.DEFAULT).supply(NodePlacements.EMPTY),
            PlacementPolicy.DEFAULT);

    /** Sets the CPUs and memory that pods have. */
    public void allocates(NodeAllocations other) {
        allocations = other;
    }

    @Override
    public NodeAllocations allocations() {
        return allocations;
    }

    @Override
    public Machine machine() {
        return Machine.regular(1, 1, 8, 2, 64L << 30).withHugepages(0, 2 << 20, 512);
    }

    @Override
    public synchronized long awaitOtherRevision(long seen, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toMillis(); revision == seen && left > 0; ) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
        return revision;
    }

    @Override
    public PodActual actual(PodView pod) {
        return new PodActual(
                new ActualResources(
                        new ResourceRequirements(ResourceList.EMPTY, ResourceList.of("4", "2Gi")),
                        Map.of("memory.min", "0", "memory.low", "0", "memory.high", "max", "memory.max", "2147483648")),
                new TreeMap<>(Map.of(
                        "app",
                        new ActualResources(
                                new ResourceRequirements(ResourceList.EMPTY, ResourceList.EMPTY),
                                Map.of("memory.max", "1073741824")))));
    }

    @Override
    public NodeMetrics metrics() {
        return new NodeMetrics(
                new TreeMap<>(Map.of("RUNNING", 3)),
                2,
                1,
                12_000,
                new TreeMap<>(Map.of("Deferred", 1)),
                0,
                4096,
                8192,
                new TreeMap<>(Map.of(NodeMetrics.POD_SHARED, 4)));
    }

    @Override
    public synchronized ResizeAnswer resize(ResizeRequest request) {
        return resizes.apply(request);
    }
}
