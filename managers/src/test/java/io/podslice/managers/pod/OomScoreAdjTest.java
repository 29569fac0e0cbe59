package io.podslice.managers.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.podslice.managers.vectors.VectorPods;
import io.podslice.managers.vectors.VectorTests;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

final class OomScoreAdjTest {
    private static final long GI = 1L << 30;

    @TestFactory
    List<DynamicTest> isTheKubelets() {
        return VectorTests.of(
                "oom-score.json",
                Map.of("cases", OomScoreAdjTest::ordinary, "tieBreakCases", OomScoreAdjTest::withoutTieBreak),
                Set.of());
    }

    private static void ordinary(JsonNode c) {
        c.required("expected").propertyStream().forEach(container -> {
            JsonNode range = container.getValue();
            assertThat(adj(c, container.getKey()))
                    .as(container.getKey())
                    .isBetween(
                            range.required("min").intValue(),
                            range.required("max").intValue());
        });
    }

    /** podslice does not have the alpha gate KubeletOOMScoreAdjTieBreak. */
    private static void withoutTieBreak(JsonNode c) {
        assertThat(adj(c, c.required("container").stringValue()))
                .isEqualTo(c.required("expectedGateOff").intValue());
    }

    private static int adj(JsonNode c, String container) {
        JsonNode json = c.required("pod");
        PodSpec pod = PodSpecDefaults.apply(VectorPods.pod(
                json,
                VectorPods::requirements,
                ofContainer -> VectorPods.requirements(ofContainer.required("resources"))));
        return OomScoreAdj.of(
                pod,
                pod.container(container).orElseThrow(),
                json.path("priorityClassName").asString("").equals("system-node-critical"),
                c.required("memoryCapacity").longValue());
    }

    @Test
    void aRequestOfMoreThanTheNodeHasIsTheSafest() {
        assertThat(OomScoreAdj.of(burstable("900Pi", "900Pi"), app("900Pi"), false, 4 * GI))
                .isEqualTo(3);
    }

    @Test
    void whatThePodAsksForBeyondItsContainersIsSharedOutByInitContainersToo() {
        PodSpec pod = new PodSpec(
                request("4Gi"),
                List.of(
                        new ContainerSpec("setup", ContainerKind.INIT, ResourceRequirements.NONE),
                        app("1Gi"),
                        new ContainerSpec("debug", ContainerKind.EPHEMERAL, ResourceRequirements.NONE)));

        assertThat(OomScoreAdj.of(pod, app("1Gi"), false, 10 * GI)).isEqualTo(1000 - 250);
        assertThat(OomScoreAdj.of(pod, pod.containers().getFirst(), false, 10 * GI))
                .isEqualTo(1000 - 150);
    }

    @Test
    void aSidecarDiesNoEarlierThanTheSmallestAppContainer() {
        ContainerSpec sidecar = new ContainerSpec("proxy", ContainerKind.SIDECAR, request("1Gi"));
        PodSpec pod = new PodSpec(
                ResourceRequirements.NONE,
                List.of(
                        sidecar,
                        new ContainerSpec("tiny", ContainerKind.INIT, request("1Mi")),
                        app("3Gi"),
                        new ContainerSpec("large", ContainerKind.APP, request("5Gi"))));

        assertThat(OomScoreAdj.of(pod, sidecar, false, 10 * GI)).isEqualTo(700);
    }

    @Test
    void refusesACapacityThatNoNodeHas() {
        for (long capacity : new long[] {0, (1L << 53) + 1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OomScoreAdj.of(burstable("1Gi", "1Gi"), app("1Gi"), false, capacity))
                    .withMessage("memory capacity " + capacity + ": must be 1 byte to 8 PiB (9007199254740992)");
        }
        assertThat(OomScoreAdj.of(burstable("1Gi", "1Gi"), app("1Gi"), false, 1))
                .isEqualTo(3);
        assertThat(OomScoreAdj.of(burstable("1Gi", "1Gi"), app("1Gi"), false, 1L << 53))
                .isEqualTo(999);
    }

    private static PodSpec burstable(String ofPod, String ofContainer) {
        return new PodSpec(request(ofPod), List.of(app(ofContainer)));
    }

    private static ContainerSpec app(String memory) {
        return new ContainerSpec("app", ContainerKind.APP, request(memory));
    }

    private static ResourceRequirements request(String memory) {
        return new ResourceRequirements(
                ResourceList.of(Map.of(ResourceName.MEMORY, Quantity.parse(memory))), ResourceList.EMPTY);
    }
}
