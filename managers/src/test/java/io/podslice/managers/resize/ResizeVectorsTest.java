package io.podslice.managers.resize;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.MemoryProtection;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResizePolicy.RestartPolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.resize.ContainerResizes.Candidate;
import io.podslice.managers.vectors.VectorTests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** The changes of a resize, and their order, against the kubelet's own cases. */
final class ResizeVectorsTest {
    private static final ContainerAmounts NOTHING = new ContainerAmounts(0, 0, 0, 0);
    private static final SortedMap<String, String> UNPROTECTED = new TreeMap<>();

    @TestFactory
    List<DynamicTest> isTheKubelets() {
        return VectorTests.of(
                "resize-order.json",
                Map.of(
                        "cases", ResizeVectorsTest::container,
                        "updateContainerCases", ResizeVectorsTest::recorded,
                        "podResizeCases", ResizeVectorsTest::podWrites,
                        "memoryQoSCases", ResizeVectorsTest::protectionWrites),
                Set.of());
    }

    /** Checks which containers change in place, and which must restart. */
    private static void container(JsonNode c) {
        List<Candidate> containers = new ArrayList<>();
        for (int i = 0; i < c.required("containers").intValue(); i++) {
            boolean changed = i == c.required("container").intValue();
            containers.add(
                    changed
                            ? new Candidate(name(i), policy(c.required("resizePolicy")), status(c), desired(c))
                            : new Candidate(name(i), ResizePolicy.NOT_REQUIRED, NOTHING, NOTHING));
        }
        ContainerResizes resizes = ContainerResizes.of(containers);

        JsonNode expected = c.required("expected");
        assertThat(all(resizes, ResourceName.MEMORY)).isEqualTo(names(expected.required("updateMemory")));
        assertThat(all(resizes, ResourceName.CPU)).isEqualTo(names(expected.required("updateCPU")));
        assertThat(resizes.restarts())
                .isEqualTo(names(expected.required("kill")))
                .isEqualTo(names(expected.required("start")));
        assertThat(!resizes.restarts().isEmpty())
                .isEqualTo(expected.required("updatePodResources").booleanValue());
    }

    private static List<String> all(ContainerResizes resizes, ResourceName resource) {
        List<String> all = new ArrayList<>(resizes.down(resource));
        all.addAll(resizes.up(resource));
        return all;
    }

    private static ContainerAmounts status(JsonNode c) {
        JsonNode status = c.required("status");
        return new ContainerAmounts(
                status.path("cpuRequestMilli").asLong(0),
                status.path("cpuLimitMilli").asLong(0),
                status.path("memoryRequestBytes").asLong(0),
                status.path("memoryLimitBytes").asLong(0));
    }

    private static ContainerAmounts desired(JsonNode c) {
        PodSpec pod = pod(List.of(resources(amounts(c.path("requests")), amounts(c.path("limits")))));
        return ContainerAmounts.of(pod, pod.containers().getFirst());
    }

    private static ResizePolicy policy(JsonNode policy) {
        return new ResizePolicy(
                RestartPolicy.of(policy.required("cpu").stringValue()).orElseThrow(),
                RestartPolicy.of(policy.required("memory").stringValue()).orElseThrow());
    }

    /** Checks that an update of one resource, which repeats the other unchanged, changes only that one. */
    private static void recorded(JsonNode c) {
        ResourceName resource = new ResourceName(c.required("resource").stringValue());
        List<ResourceRequirements> before = new ArrayList<>();
        for (JsonNode status : c.required("statusBefore")) {
            before.add(resources(amounts(status), amounts(status)));
        }
        PodSpec pod = pod(before);
        for (int i = 0; i < before.size(); i++) {
            JsonNode spec = c.required("spec").get(i);
            ResourceList limits = before.get(i)
                    .limits()
                    .with(resource, amounts(spec.required("limits")).get(resource));
            pod = AllocatedSpec.withContainer(pod, name(i), sent(limits));
        }
        for (int i = 0; i < before.size(); i++) {
            ResourceList expected = amounts(c.required("expectedStatusAfter").get(i));
            assertThat(pod.container(name(i)).orElseThrow().resources()).isEqualTo(resources(expected, expected));
        }
    }

    private static LinuxResources sent(ResourceList amounts) {
        return LinuxResources.NONE
                .withCpuShares(CpuUnits.sharesOf(amounts.cpuMillis()))
                .withCpuQuota(CpuUnits.quotaOf(amounts.cpuMillis(), 100_000), 100_000)
                .withMemoryLimit(amounts.memoryBytes());
    }

    private static void podWrites(JsonNode c) {
        PodSpec before = podOf(c, c.required("current"));
        PodSpec after = podOf(c, c.required("desired"));
        JsonNode says = c.required("currentPodCgroup");
        long quota = says.required("cpuQuota").longValue();
        PodCgroupValues current = new PodCgroupValues(
                says.required("cpuShares").longValue(),
                quota,
                quota == 0 ? 0 : 100_000,
                says.required("memoryLimit").longValue(),
                new TreeMap<>());
        List<ResizeStep> steps = steps(
                new ResizeOrder.PodCgroup(current, UNPROTECTED),
                new ResizeOrder.PodCgroup(PodCgroupValues.of(after, ResourceList.EMPTY, Cfs.DEFAULT), UNPROTECTED),
                before,
                after);

        List<String> writes = new ArrayList<>();
        for (ResizeStep step : steps) {
            switch (step) {
                case ResizeStep.PodLimit limit -> writes.add(limit.resource() + "Limit");
                case ResizeStep.PodRequest request -> writes.add(request.resource() + "Request");
                case ResizeStep.Container container ->
                    assertThat(List.of("cpu", "memory"))
                            .contains(container.resource().value());
            }
        }
        assertThat(writes).hasSize(c.required("expectedPodCgroupWrites").intValue());
        List<String> named = new ArrayList<>();
        c.required("writesNamedInComment").forEach(name -> named.add(name.stringValue()));
        assertThat(writes).containsExactlyInAnyOrderElementsOf(named);
    }

    private static PodSpec podOf(JsonNode c, JsonNode container) {
        ResourceRequirements others = ResourceRequirements.NONE;
        if (c.required("otherContainersHaveLimits").booleanValue()) {
            ResourceList amounts = ResourceList.of("100m", "100000000");
            others = resources(amounts, amounts);
        }
        return pod(List.of(
                resources(
                        list(
                                container.path("cpuRequest").asLong(0),
                                container.path("memoryRequest").asLong(0)),
                        list(
                                container.path("cpuLimit").asLong(0),
                                container.path("memoryLimit").asLong(0))),
                others,
                others));
    }

    private static void protectionWrites(JsonNode c) {
        JsonNode container = c.required("container");
        PodSpec before = protectedPod(container, "Before");
        PodSpec after = protectedPod(container, "After");
        JsonNode says = c.required("currentPodCgroup");
        PodCgroupValues current = new PodCgroupValues(
                says.required("cpuShares").longValue(),
                says.required("cpuQuota").longValue(),
                says.required("cpuPeriod").longValue(),
                says.required("memoryLimit").longValue(),
                new TreeMap<>());
        SortedMap<String, String> guarded = new TreeMap<>();
        says.required("unified").forEachEntry((file, value) -> guarded.put(file, value.stringValue()));
        MemoryProtection protection = new MemoryQos(
                        c.required("memoryReservationPolicy").stringValue().equals("TieredReservation"),
                        OptionalDouble.of(c.required("memoryThrottlingFactor").doubleValue()),
                        4096,
                        8L << 30)
                .ofPod(after, ResourceList.EMPTY);
        SortedMap<String, String> wanted = new TreeMap<>();
        protection.minBytes().ifPresent(bytes -> wanted.put("memory.min", Long.toString(bytes)));
        protection.lowBytes().ifPresent(bytes -> wanted.put("memory.low", Long.toString(bytes)));
        protection.highBytes().ifPresent(bytes -> wanted.put("memory.high", Long.toString(bytes)));

        List<ResizeStep> steps = steps(
                new ResizeOrder.PodCgroup(current, guarded),
                new ResizeOrder.PodCgroup(PodCgroupValues.of(after, ResourceList.EMPTY, Cfs.DEFAULT), wanted),
                before,
                after);

        // The pod's own, before the container's.
        assertThat(steps)
                .containsExactly(
                        new ResizeStep.PodRequest(ResourceName.MEMORY),
                        new ResizeStep.Container(ResourceName.MEMORY, name(0)));
        JsonNode write = c.required("expectedPodCgroupWrites").get(0).required("unified");
        assertThat(c.required("expectedPodCgroupWrites")).hasSize(1);
        assertThat(wanted)
                .containsExactlyEntriesOf(new TreeMap<>(
                        Map.of("memory.low", write.required("memory.low").stringValue())));
    }

    private static PodSpec protectedPod(JsonNode container, String when) {
        return pod(List.of(
                resources(
                        list(100, container.required("memoryRequest" + when).longValue()),
                        list(100, container.required("memoryLimit" + when).longValue())),
                ResourceRequirements.NONE,
                ResourceRequirements.NONE));
    }

    private static List<ResizeStep> steps(
            ResizeOrder.PodCgroup current, ResizeOrder.PodCgroup desired, PodSpec before, PodSpec after) {
        List<Candidate> containers = new ArrayList<>();
        for (ContainerSpec container : before.containers()) {
            containers.add(new Candidate(
                    container.name(),
                    container.resizePolicy(),
                    ContainerAmounts.of(before, container),
                    ContainerAmounts.of(after, after.container(container.name()).orElseThrow())));
        }
        ContainerResizes resizes = ContainerResizes.of(containers);
        List<ResizeStep> steps = new ArrayList<>(ResizeOrder.of(current, desired, resizes, ResourceName.MEMORY));
        steps.addAll(ResizeOrder.of(current, desired, resizes, ResourceName.CPU));
        return steps;
    }

    private static PodSpec pod(List<ResourceRequirements> containers) {
        List<ContainerSpec> specs = new ArrayList<>();
        for (ResourceRequirements container : containers) {
            specs.add(new ContainerSpec(name(specs.size()), ContainerKind.APP, container));
        }
        return new PodSpec(ResourceRequirements.NONE, specs);
    }

    private static String name(int container) {
        return "c" + container;
    }

    private static List<String> names(JsonNode indexes) {
        List<String> names = new ArrayList<>();
        indexes.forEach(index -> names.add(name(index.intValue())));
        return names;
    }

    private static ResourceRequirements resources(ResourceList requests, ResourceList limits) {
        return new ResourceRequirements(requests, limits);
    }

    private static ResourceList amounts(JsonNode amounts) {
        return list(
                amounts.path("cpuMilli").asLong(0), amounts.path("memoryBytes").asLong(0));
    }

    private static ResourceList list(long cpuMilli, long memoryBytes) {
        ResourceList list = ResourceList.EMPTY;
        if (cpuMilli > 0) {
            list = list.with(ResourceName.CPU, Quantity.ofMillis(cpuMilli));
        }
        return memoryBytes > 0 ? list.with(ResourceName.MEMORY, Quantity.ofBytes(memoryBytes)) : list;
    }
}
