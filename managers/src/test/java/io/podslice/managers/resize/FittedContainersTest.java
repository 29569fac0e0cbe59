package io.podslice.managers.resize;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.PodSpecFields;
import io.podslice.managers.pod.PodSpecValidation;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Containers that stand in for the kubelet's own values in a pod that has become smaller. */
final class FittedContainersTest {
    private static final Set<String> NONE = Set.of();

    private static ResourceRequirements guaranteed(String cpu, String memory) {
        return new ResourceRequirements(ResourceList.of(cpu, memory), ResourceList.of(cpu, memory));
    }

    private static ContainerSpec container(String name, ContainerKind kind, ResourceRequirements resources) {
        return new ContainerSpec(name, kind, resources);
    }

    private static ContainerSpec app(String name, String cpu, String memory) {
        return container(name, ContainerKind.APP, guaranteed(cpu, memory));
    }

    private static PodSpec pod(String cpu, String memory, ContainerSpec... containers) {
        return new PodSpec(guaranteed(cpu, memory), List.of(containers));
    }

    private static PodSpec fitted(PodSpec pod, Set<String> kept, Set<String> exclusive) {
        return FittedContainers.of(pod, kept, exclusive).orElseThrow();
    }

    @Test
    void theLargestGivesFirst() {
        PodSpec pod = pod("3", "4Gi", app("db", "3", "2Gi"), app("sidecar", "1", "1Gi"));

        assertThat(fitted(pod, NONE, Set.of("db", "sidecar")))
                .isEqualTo(pod("3", "4Gi", app("db", "2", "2Gi"), app("sidecar", "1", "1Gi")));
    }

    @Test
    void containersThatShareKeepACpu() {
        ContainerSpec sidecar = container("sidecar", ContainerKind.SIDECAR, ResourceRequirements.NONE);
        PodSpec pod = pod("3", "4Gi", app("a", "2", "1Gi"), app("b", "2", "1Gi"), sidecar);

        assertThat(fitted(pod, NONE, Set.of("a", "b")))
                .isEqualTo(pod("3", "4Gi", app("a", "1", "1Gi"), app("b", "1", "1Gi"), sidecar));
    }

    @Test
    void memoryIsLoweredAlone() {
        PodSpec pod = pod("4", "2Gi", app("db", "2", "3Gi"), app("sidecar", "1", "512Mi"));

        assertThat(fitted(pod, NONE, NONE))
                .isEqualTo(pod("4", "2Gi", app("db", "2", "1536Mi"), app("sidecar", "1", "512Mi")));
    }

    @Test
    void containersThatFitStayAsTheyAre() {
        PodSpec pod = pod("4", "4Gi", app("db", "3", "2Gi"), app("sidecar", "1", "2Gi"));

        assertThat(fitted(pod, NONE, Set.of("db", "sidecar"))).isEqualTo(pod);
    }

    @Test
    void keptContainersAndInitContainersKeepTheirAmounts() {
        ContainerSpec init = container("init", ContainerKind.INIT, guaranteed("3", "2Gi"));
        PodSpec pod = pod("3", "4Gi", init, app("db", "2", "2Gi"), app("web", "2", "1Gi"));

        assertThat(fitted(pod, Set.of("db"), Set.of("init", "db", "web")))
                .isEqualTo(pod("3", "4Gi", init, app("db", "2", "2Gi"), app("web", "1", "1Gi")));
        assertThat(FittedContainers.of(pod, Set.of("db", "web"), NONE)).isEmpty();
    }

    @Test
    void exclusiveContainersThatNeedMoreThanThePodHasDoNotFit() {
        PodSpec pod = pod("1", "4Gi", app("a", "2", "1Gi"), app("b", "2", "1Gi"));

        assertThat(FittedContainers.of(pod, NONE, Set.of("a", "b"))).isEmpty();
        assertThat(FittedContainers.of(pod.withResources(ResourceRequirements.NONE), NONE, NONE))
                .isEmpty();
    }

    /** It shares, and a whole CPU would make it one with CPUs of its own. */
    @Test
    void aContainerThatSharesGetsNoWholeCpu() {
        PodSpec pod = pod("2", "4Gi", app("db", "1", "1Gi"), app("web", "1500m", "1Gi"));

        assertThat(fitted(pod, NONE, Set.of("db")))
                .isEqualTo(pod("2", "4Gi", app("db", "1", "1Gi"), app("web", "999m", "1Gi")));
    }

    @Test
    void aRequestBelowItsLimitStaysBelowIt() {
        ResourceRequirements burstable =
                new ResourceRequirements(ResourceList.of("3", "1Gi"), ResourceList.of("4", "4Gi"));
        PodSpec pod = pod("3", "4Gi", container("a", ContainerKind.APP, burstable));

        assertThat(fitted(pod, NONE, NONE))
                .isEqualTo(pod(
                        "3",
                        "4Gi",
                        container(
                                "a",
                                ContainerKind.APP,
                                new ResourceRequirements(
                                        ResourceList.of("2999m", "1Gi"), ResourceList.of("3", "4Gi")))));
    }

    @Test
    void amountsWithoutBoundTakeBoundedTime() {
        PodSpec pod = pod("2", "1Gi", app("a", "9E", "8E"), app("b", "9E", "8E"));

        PodSpec fitted = fitted(pod, NONE, Set.of("a", "b"));

        assertThat(fitted).isEqualTo(pod("2", "1Gi", app("a", "1", "512Mi"), app("b", "1", "512Mi")));
    }

    @RepeatedTest(200)
    void fittedContainersAreValidAndNoneIsLarger(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        ContainerSpec[] containers = new ContainerSpec[1 + random.nextInt(5)];
        Set<String> exclusive = new HashSet<>();
        for (int i = 0; i < containers.length; i++) {
            String name = "c" + i;
            boolean whole = random.nextBoolean();
            long milli = whole ? 1000L * (1 + random.nextInt(8)) : 1 + random.nextInt(3999);
            if (whole) {
                exclusive.add(name);
            }
            ContainerKind kind = i > 0 && random.nextInt(3) == 0 ? ContainerKind.SIDECAR : ContainerKind.APP;
            containers[i] = container(name, kind, guaranteed(milli + "m", (1 + random.nextInt(4096)) + "Mi"));
        }
        PodSpec pod = pod("" + (1 + random.nextInt(12)), (1 + random.nextInt(8192)) + "Mi", containers);

        FittedContainers.of(pod, NONE, exclusive).ifPresent(fitted -> {
            PodSpecValidation.check(fitted, PodSpecFields.inManifest(fitted, "spec"));
            assertThat(FittedContainers.of(fitted, NONE, exclusive)).contains(fitted);
            for (ContainerSpec container : fitted.containers()) {
                ResourceRequirements resources = container.resources();
                Quantity cpu = resources.requests().get(ResourceName.CPU);
                Quantity had = pod.container(container.name())
                        .orElseThrow()
                        .resources()
                        .requests()
                        .get(ResourceName.CPU);
                assertThat(resources.requests()).isEqualTo(resources.limits());
                assertThat(cpu).isLessThanOrEqualTo(had);
                assertThat(cpu.signum()).isPositive();
                if (exclusive.contains(container.name())) {
                    assertThat(cpu.isWhole()).isTrue();
                }
            }
        });
    }
}
