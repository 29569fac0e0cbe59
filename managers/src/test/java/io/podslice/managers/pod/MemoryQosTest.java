package io.podslice.managers.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.podslice.managers.vectors.VectorTests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** memory.min, low and high of containers, pods and the cgroups above them. */
final class MemoryQosTest {
    private static final long MI = 1L << 20;
    private static final long ALLOCATABLE = 8192 * MI;
    private static final long PAGE = 4096;
    private static final MemoryQos TIERED = new MemoryQos(true, OptionalDouble.of(0.9), PAGE, ALLOCATABLE);
    private static final MemoryQos UNGUARDED = new MemoryQos(false, OptionalDouble.of(0.9), PAGE, ALLOCATABLE);

    @TestFactory
    List<DynamicTest> isTheKubelets() {
        return VectorTests.of(
                "memory-qos.json",
                Map.of(
                        "cases", MemoryQosTest::pod,
                        "podLevelMemoryHighCases", MemoryQosTest::podLevelHigh,
                        "qosLevelCases", MemoryQosTest::levels,
                        "podCreateCases", MemoryQosTest::podCreated,
                        "e2eCases", MemoryQosTest::onANode,
                        "e2eFacts", MemoryQosTest::facts,
                        "qosCpuSharesCases", MemoryQosTest::shares,
                        "linuxContainerResourcesCases", MemoryQosTest::container),
                Set.of());
    }

    private static void pod(JsonNode c) {
        PodSpec pod = read(c);
        assertThat(QosClass.of(pod).text()).isEqualTo(c.required("qos").stringValue());
        MemoryProtection values = TIERED.ofPod(pod, ResourceList.EMPTY);
        Map<String, String> unified = new TreeMap<>();
        values.minBytes().ifPresent(bytes -> unified.put("memory.min", Long.toString(bytes)));
        values.lowBytes().ifPresent(bytes -> unified.put("memory.low", Long.toString(bytes)));
        values.highBytes().ifPresent(bytes -> unified.put("memory.high", Long.toString(bytes)));
        Map<String, String> expected = new TreeMap<>();
        c.required("expectedUnified")
                .propertyStream()
                .forEach(file -> expected.put(file.getKey(), file.getValue().stringValue()));
        assertThat(unified).isEqualTo(expected);
    }

    private static void podLevelHigh(JsonNode c) {
        MemoryQos qos = factor(c);
        PodSpec pod = read(c);
        JsonNode bytes = c.required("overheadMemory");
        ResourceList overhead = bytes.isNull() ? ResourceList.EMPTY : memory(bytes.longValue());
        OptionalLong high = qos.ofPod(pod, overhead).highBytes();
        assertThat(high.isPresent())
                .isEqualTo(c.required("expectedMemoryHighSet").booleanValue());
        if (c.has("expectedGreaterThanSamePodWithoutOverhead")) {
            assertThat(high.orElseThrow())
                    .isGreaterThan(
                            qos.ofPod(pod, ResourceList.EMPTY).highBytes().orElseThrow());
        }
    }

    private static void levels(JsonNode c) {
        List<PodSpec> pods = new ArrayList<>();
        for (JsonNode pod : c.required("pods")) {
            PodSpec spec = read(pod);
            // Some cases name no more CPU than makes the pod Burstable.
            ResourceRequirements own = pod.has("cpuRequestOnly")
                    ? new ResourceRequirements(ResourceList.of("1", "0"), ResourceList.EMPTY)
                    : spec.resources();
            pods.add(new PodSpec(own, spec.containers()));
        }
        QosCgroupValues values = values(
                c.required("pods"), pods, c.required("policy").stringValue().equals("TieredReservation"));
        JsonNode expected = c.required("expected");
        assertThat(Long.toString(values.kubepodsMemoryMinBytes()))
                .isEqualTo(expected.required("rootMemoryMin").stringValue());
        assertThat(Long.toString(values.burstableMemoryLowBytes()))
                .isEqualTo(expected.required("burstableMemoryLow").stringValue());
        // The vectors leave this value out; without it the kernel would cap the class's memory.low at zero.
        assertThat(values.kubepodsMemoryLowBytes()).isEqualTo(values.burstableMemoryLowBytes());
    }

    private static void shares(JsonNode c) {
        List<PodSpec> pods = new ArrayList<>();
        for (JsonNode pod : c.required("pods")) {
            ResourceRequirements own = resources(pod);
            pods.add(new PodSpec(ResourceRequirements.NONE, List.of(new ContainerSpec("c", ContainerKind.APP, own))));
        }
        JsonNode expected = c.required("expected");
        assertThat(values(c.required("pods"), pods, false).burstableCpuShares())
                .isEqualTo(expected.required("burstableCpuShares").longValue());
        assertThat(CpuUnits.MIN_SHARES)
                .isEqualTo(expected.required("besteffortCpuShares").longValue());
    }

    /** Each case names the QoS class, since some cases have too little of their pods to compute it. */
    private static QosCgroupValues values(JsonNode json, List<PodSpec> pods, boolean tiered) {
        List<QosCgroupValues.Pod> effective = new ArrayList<>();
        for (int i = 0; i < pods.size(); i++) {
            String qos = json.get(i).required("qos").stringValue();
            effective.add(new QosCgroupValues.Pod(
                    List.of(QosClass.values()).stream()
                            .filter(it -> it.text().equals(qos))
                            .findFirst()
                            .orElseThrow(),
                    EffectiveResources.of(pods.get(i), ResourceList.EMPTY)));
        }
        return QosCgroupValues.of(effective, tiered ? TIERED : UNGUARDED);
    }

    private static void podCreated(JsonNode c) {
        MemoryQos qos = c.required("memoryQoS").booleanValue() ? TIERED : UNGUARDED;
        JsonNode expected = c.required("expectedMemoryLow");
        OptionalLong low = qos.ofPod(read(c), ResourceList.EMPTY).lowBytes();
        assertThat(low.isPresent() ? Long.toString(low.getAsLong()) : null)
                .isEqualTo(expected.isNull() ? null : expected.stringValue());
    }

    /** Files that are not written have 0, memory.high has max. */
    private static void onANode(JsonNode c) {
        MemoryQos qos = new MemoryQos(
                c.required("policy").stringValue().equals("TieredReservation"),
                OptionalDouble.of(c.required("memoryThrottlingFactor").doubleValue()),
                c.required("pageSize").longValue(),
                ALLOCATABLE);
        PodSpec pod = read(c);
        MemoryProtection ofPod = qos.ofPod(pod, ResourceList.EMPTY);
        MemoryProtection ofContainer = qos.ofContainer(pod, pod.containers().getFirst());
        c.required("expected").propertyStream().forEach(file -> {
            String value = switch (file.getKey()) {
                case "podMemoryMin" -> Long.toString(ofPod.minBytes().orElse(0));
                case "podMemoryLow" -> Long.toString(ofPod.lowBytes().orElse(0));
                case "podMemoryHigh" -> high(ofPod);
                case "containerMemoryLow" ->
                    Long.toString(ofContainer.lowBytes().orElse(0));
                case "containerMemoryHigh" -> high(ofContainer);
                default -> throw new AssertionError("unknown value " + file);
            };
            assertThat(value).as(file.getKey()).isEqualTo(file.getValue().stringValue());
        });
    }

    private static String high(MemoryProtection values) {
        return values.highBytes().isPresent() ? Long.toString(values.highBytes().getAsLong()) : "max";
    }

    private static void facts(JsonNode c) {
        PodSpec pod = read(c);
        QosCgroupValues.Pod effective =
                new QosCgroupValues.Pod(QosClass.of(pod), EffectiveResources.of(pod, ResourceList.EMPTY));
        long none = QosCgroupValues.of(List.of(), TIERED).burstableMemoryLowBytes();
        QosCgroupValues levels = QosCgroupValues.of(List.of(effective), TIERED);
        long high = factor(c)
                .ofContainer(pod, pod.containers().getFirst())
                .highBytes()
                .orElse(0);
        for (JsonNode predicate : c.required("predicates")) {
            switch (predicate.stringValue()) {
                case "kubepods memory.min > 0" ->
                    assertThat(levels.kubepodsMemoryMinBytes()).isPositive();
                case "burstable memory.low > 0", "before: burstable memory.low > 0" ->
                    assertThat(levels.burstableMemoryLowBytes()).isPositive();
                case "after creation: burstable memory.low >= before + 209715200" ->
                    assertThat(levels.burstableMemoryLowBytes()).isGreaterThanOrEqualTo(none + 209_715_200);
                case "after deletion: burstable memory.low <= before" ->
                    assertThat(none).isZero();
                case "container memory.high > 134217728" -> assertThat(high).isGreaterThan(134_217_728);
                case "container memory.high != max" -> assertThat(high).isPositive();
                case "node allocatable stands for the limit" ->
                    assertThat(high).isBetween(ALLOCATABLE / 2, ALLOCATABLE);
                case "after: burstable memory.low = 0" ->
                    assertThat(QosCgroupValues.of(List.of(effective), UNGUARDED).burstableMemoryLowBytes())
                            .isZero();
                default -> throw new AssertionError("unknown predicate " + predicate);
            }
        }
    }

    /** Checks all but memory.oom.group, which follows from the node's singleProcessOOMKill alone. */
    private static void container(JsonNode c) {
        ContainerSpec container = new ContainerSpec("c", ContainerKind.APP, resources(c.required("container")));
        PodSpec pod = new PodSpec(ResourceRequirements.NONE, List.of(container));
        LinuxResources values = ContainerValues.of(pod, container, Cfs.DEFAULT);
        JsonNode expected = c.required("expected");
        assertThat(values.cpuShares()).isEqualTo(expected.required("cpuShares").longValue());
        assertThat(values.memoryLimitBytes())
                .isEqualTo(expected.required("memoryLimit").longValue());
        assertThat(OomScoreAdj.of(
                        pod, container, false, c.required("memoryCapacity").longValue()))
                .isEqualTo(expected.required("oomScoreAdj").intValue());
    }

    private static MemoryQos factor(JsonNode c) {
        double factor = c.required("memoryThrottlingFactor").doubleValue();
        return new MemoryQos(true, OptionalDouble.of(factor), PAGE, ALLOCATABLE);
    }

    private static PodSpec read(JsonNode c) {
        List<ContainerSpec> containers = new ArrayList<>();
        for (JsonNode container : c.required("containers")) {
            containers.add(new ContainerSpec("c" + containers.size(), ContainerKind.APP, resources(container)));
        }
        JsonNode request = c.path("podLevelMemoryRequest");
        ResourceRequirements ofPod = request.isNumber()
                ? new ResourceRequirements(memory(request.longValue()), ResourceList.EMPTY)
                : resources(c.path("podLevel"));
        return PodSpecDefaults.apply(new PodSpec(ofPod, containers));
    }

    private static ResourceRequirements resources(JsonNode c) {
        return new ResourceRequirements(
                list(c.path("cpuRequestMilli"), c.path("memoryRequest")),
                list(c.path("cpuLimitMilli"), c.path("memoryLimit")));
    }

    private static ResourceList list(JsonNode milli, JsonNode bytes) {
        ResourceList list = bytes.isNumber() ? memory(bytes.longValue()) : ResourceList.EMPTY;
        return milli.isNumber() ? list.with(ResourceName.CPU, Quantity.ofMillis(milli.longValue())) : list;
    }

    private static ResourceList memory(long bytes) {
        return ResourceList.of(Map.of(ResourceName.MEMORY, Quantity.ofBytes(bytes)));
    }

    private static PodSpec pod(ResourceRequirements ofPod, ResourceRequirements ofContainer) {
        return new PodSpec(ofPod, List.of(new ContainerSpec("app", ContainerKind.APP, ofContainer)));
    }

    private static ResourceRequirements memory(long request, long limit) {
        return new ResourceRequirements(memory(request * MI), limit == 0 ? ResourceList.EMPTY : memory(limit * MI));
    }

    @Test
    void aContainerWithoutALimitIsThrottledBelowItsPodsNotBelowTheNodes() {
        PodSpec pod = pod(memory(256, 512), memory(128, 0));

        assertThat(TIERED.ofContainer(pod, pod.containers().getFirst()))
                .isEqualTo(MemoryProtection.NONE.withLow(128 * MI).withHigh(pages(128 * MI + 0.9 * (384 * MI))));
    }

    @Test
    void aGuaranteedPodsContainerIsNeverThrottledAndKeepsWhatItAsksFor() {
        ResourceRequirements both = new ResourceRequirements(ResourceList.of("1", "1Gi"), ResourceList.of("1", "1Gi"));
        PodSpec pod = pod(ResourceRequirements.NONE, both);

        assertThat(TIERED.ofContainer(pod, pod.containers().getFirst()))
                .isEqualTo(MemoryProtection.NONE.withMin(1024 * MI));
        assertThat(TIERED.ofPod(pod, memory(64 * MI))).isEqualTo(MemoryProtection.NONE.withMin(1088 * MI));
    }

    @Test
    void guardsThatDoNotHoldAreLiftedOnContainersAndLeftAloneOnPods() {
        PodSpec burstable = pod(ResourceRequirements.NONE, memory(128, 128));
        PodSpec bestEffort = pod(ResourceRequirements.NONE, ResourceRequirements.NONE);

        assertThat(UNGUARDED.ofContainer(burstable, burstable.containers().getFirst()))
                .isEqualTo(MemoryProtection.NONE.withMin(0).withLow(0));
        assertThat(UNGUARDED.ofPod(burstable, ResourceList.EMPTY)).isEqualTo(MemoryProtection.NONE);
        assertThat(TIERED.ofContainer(bestEffort, bestEffort.containers().getFirst()))
                .isEqualTo(MemoryProtection.NONE.withMin(0).withLow(0).withHigh(pages(0.9 * ALLOCATABLE)));
    }

    @Test
    void aPodIsThrottledOnlyWithResourcesAsAWhole() {
        ResourceRequirements own = memory(128, 256);

        assertThat(TIERED.ofPod(pod(ResourceRequirements.NONE, own), ResourceList.EMPTY)
                        .highBytes())
                .isEmpty();
        assertThat(TIERED.ofPod(pod(own, own), ResourceList.EMPTY).highBytes())
                .hasValue(pages(128 * MI + 0.9 * (128 * MI)));
    }

    @Test
    void withoutAFactorNothingIsThrottled() {
        MemoryQos qos = new MemoryQos(true, OptionalDouble.empty(), PAGE, ALLOCATABLE);
        PodSpec pod = pod(memory(128, 256), memory(128, 256));

        assertThat(qos.ofContainer(pod, pod.containers().getFirst()).highBytes())
                .isEmpty();
        assertThat(qos.ofPod(pod, ResourceList.EMPTY).highBytes()).isEmpty();
    }

    @Test
    void aThrottleOfLessThanAPageAboveTheRequestIsNotSet() {
        MemoryQos qos = new MemoryQos(true, OptionalDouble.of(0.9), 1 << 20, ALLOCATABLE);
        long odd = 128 * MI;
        ResourceRequirements own = new ResourceRequirements(memory(odd), memory(odd + MI));

        PodSpec pod = pod(ResourceRequirements.NONE, own);
        assertThat(qos.ofContainer(pod, pod.containers().getFirst()).highBytes())
                .isEmpty();
    }

    @Test
    void refusesAFactorOutOfRangeAndPagesOfNothing() {
        for (double factor : new double[] {0, -0.5, 1.0000001, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new MemoryQos(true, OptionalDouble.of(factor), PAGE, ALLOCATABLE))
                    .withMessage("memoryThrottlingFactor " + factor + ": must be greater than 0 and at most 1");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MemoryQos(true, OptionalDouble.of(1), 0, ALLOCATABLE))
                .withMessage("page size 0: must be greater than 0");
    }

    @Test
    void theRulesOf136ThrottleLess() {
        MemoryQos old = new MemoryQos(true, OptionalDouble.of(0.9), MemoryQosVersion.V1_36, 0, PAGE, ALLOCATABLE);
        PodSpec bestEffort = pod(ResourceRequirements.NONE, ResourceRequirements.NONE);
        PodSpec whole = pod(memory(256, 512), memory(128, 0));
        PodSpec unlimited = pod(ResourceRequirements.NONE, memory(128, 0));

        assertThat(old.ofContainer(bestEffort, bestEffort.containers().getFirst()))
                .isEqualTo(MemoryProtection.NONE.withMin(0).withLow(0));
        assertThat(old.ofContainer(whole, whole.containers().getFirst()))
                .isEqualTo(MemoryProtection.NONE.withLow(128 * MI));
        assertThat(old.ofContainer(unlimited, unlimited.containers().getFirst()))
                .isEqualTo(TIERED.ofContainer(unlimited, unlimited.containers().getFirst()));
        assertThat(old.ofPod(whole, ResourceList.EMPTY)).isEqualTo(MemoryProtection.NONE.withLow(256 * MI));
    }

    @Test
    void headroomIsLeftOutOfMinAloneAndOfTheSums() {
        ResourceRequirements own = new ResourceRequirements(ResourceList.of("1", "1000"), ResourceList.of("1", "1000"));
        PodSpec guaranteed = pod(ResourceRequirements.NONE, own);
        PodSpec burstable = pod(ResourceRequirements.NONE, memory(128, 256));
        for (int percent : new int[] {0, 7, 100}) {
            MemoryQos qos =
                    new MemoryQos(true, OptionalDouble.empty(), MemoryQosVersion.V1_37, percent, PAGE, ALLOCATABLE);
            assertThat(qos.ofPod(guaranteed, ResourceList.EMPTY).minBytes()).hasValue(1000 - 10L * percent);
            assertThat(qos.ofPod(burstable, ResourceList.EMPTY).lowBytes()).hasValue(128 * MI);
            QosCgroupValues.Pod pod =
                    new QosCgroupValues.Pod(QosClass.GUARANTEED, EffectiveResources.of(guaranteed, ResourceList.EMPTY));
            assertThat(QosCgroupValues.of(List.of(pod), qos).kubepodsMemoryMinBytes())
                    .isEqualTo(1000 - 10L * percent);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MemoryQos(true, OptionalDouble.empty(), MemoryQosVersion.V1_37, 101, PAGE, 0))
                .withMessage("memoryMinHeadroomPercent 101: must be 0 to 100");
    }

    private static long pages(double bytes) {
        long whole = (long) (bytes / PAGE);
        return whole * PAGE;
    }
}
