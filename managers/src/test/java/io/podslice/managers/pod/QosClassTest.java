package io.podslice.managers.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.vectors.Vectors;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

final class QosClassTest {

    @TestFactory
    Stream<DynamicTest> isTheKubelets() {
        JsonNode file = Vectors.json("qos.json");
        Vectors.requireOnly(file, Set.of("source", "format", "cases", "collectPodLevel", "collectContainerLevel"));
        return file.path("cases")
                .valueStream()
                .map(it -> DynamicTest.dynamicTest(
                        it.path("name").asString(),
                        () -> assertThat(QosClass.of(PodVectors.pod(it.path("pod")))
                                        .text())
                                .isEqualTo(it.path("expected").asString())));
    }

    /**
     * The limits that the kubelet collects decide if a pod can be Guaranteed; requests equal limits in all these cases.
     */
    @TestFactory
    Stream<DynamicTest> isGuaranteedWhereAllLimitsAreThere() {
        JsonNode file = Vectors.json("qos.json");
        return Stream.concat(
                file.path("collectPodLevel")
                        .valueStream()
                        .map(it -> DynamicTest.dynamicTest(
                                "pod level: " + it.path("name").asString(), () -> {
                                    ResourceList limits =
                                            PodVectors.list(it.path("podLevel").path("limits"));
                                    PodSpec pod = new PodSpec(new ResourceRequirements(limits, limits), List.of());
                                    assertThat(QosClass.of(pod) == QosClass.GUARANTEED)
                                            .isEqualTo(it.path("expectedGuaranteed")
                                                    .asBoolean());
                                })),
                file.path("collectContainerLevel")
                        .valueStream()
                        .map(it -> DynamicTest.dynamicTest(
                                "containers: " + it.path("name").asString(),
                                () -> assertThat(QosClass.of(limitsAsRequests(PodVectors.pod(it)))
                                                == QosClass.GUARANTEED)
                                        .isEqualTo(it.path("expectedGuaranteed").asBoolean()))));
    }

    private static PodSpec limitsAsRequests(PodSpec pod) {
        return new PodSpec(
                pod.resources(),
                pod.containers().stream()
                        .map(container -> new ContainerSpec(
                                container.name(),
                                container.kind(),
                                new ResourceRequirements(
                                        container.resources().limits(),
                                        container.resources().limits())))
                        .toList());
    }

    @Test
    void emptyPodLevelResourcesCountAsNone() {
        ResourceRequirements own = new ResourceRequirements(ResourceList.of("1", "1Gi"), ResourceList.of("1", "1Gi"));
        PodSpec pod = new PodSpec(ResourceRequirements.NONE, List.of(new ContainerSpec("app", ContainerKind.APP, own)));

        assertThat(QosClass.of(pod)).isEqualTo(QosClass.GUARANTEED);
    }
}
