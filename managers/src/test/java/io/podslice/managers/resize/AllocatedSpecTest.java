package io.podslice.managers.resize;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A pod's spec after the CRI calls that the kubelet makes for a resize. */
final class AllocatedSpecTest {
    private static final long GI = 1L << 30;

    private static ResourceRequirements guaranteed(String cpu, String memory) {
        return resources(ResourceList.of(cpu, memory), ResourceList.of(cpu, memory));
    }

    private static ResourceRequirements resources(ResourceList requests, ResourceList limits) {
        return new ResourceRequirements(requests, limits);
    }

    private static ResourceList cpu(String amount) {
        return ResourceList.EMPTY.with(ResourceName.CPU, Quantity.parse(amount));
    }

    private static ContainerSpec app(String name, ResourceRequirements resources) {
        return new ContainerSpec(name, ContainerKind.APP, resources);
    }

    private static PodSpec pod(ResourceRequirements ofPod, ContainerSpec... containers) {
        return new PodSpec(ofPod, List.of(containers));
    }

    /** Returns a pod without pod-level resources, of one container with these resources. */
    private static PodSpec alone(ResourceRequirements resources) {
        return pod(ResourceRequirements.NONE, app("a", resources));
    }

    private static ResourceRequirements updated(ResourceRequirements resources, LinuxResources sent) {
        return resourcesOf(AllocatedSpec.withContainer(alone(resources), "a", sent), "a");
    }

    private static ResourceRequirements resourcesOf(PodSpec pod, String container) {
        return pod.container(container).orElseThrow().resources();
    }

    private static LinuxResources shares(long shares) {
        return LinuxResources.NONE.withCpuShares(shares);
    }

    private static LinuxResources quota(long micros) {
        return LinuxResources.NONE.withCpuQuota(micros, 100_000);
    }

    private static LinuxResources memory(long bytes) {
        return LinuxResources.NONE.withMemoryLimit(bytes);
    }

    @Test
    void aGuaranteedPodStaysGuaranteedWithNewLimits() {
        PodSpec pod = pod(guaranteed("4", "8Gi"), app("a", guaranteed("2", "1Gi")));

        PodSpec grown = AllocatedSpec.withPodLimits(pod, ResourceList.of("8", "16Gi"), pod);

        assertThat(grown).isEqualTo(pod(guaranteed("8", "16Gi"), app("a", guaranteed("2", "1Gi"))));
        assertThat(AllocatedSpec.withPodLimits(grown, ResourceList.of("3", "8Gi"), pod)
                        .resources())
                .isEqualTo(guaranteed("3", "8Gi"));
    }

    @Test
    void aPodsRequestBelowItsLimitStaysAsFarAsTheLimitLetsIt() {
        PodSpec pod = pod(resources(ResourceList.of("2", "4Gi"), ResourceList.of("4", "8Gi")));

        assertThat(AllocatedSpec.withPodLimits(pod, ResourceList.of("8", "6Gi"), pod)
                        .resources())
                .isEqualTo(resources(ResourceList.of("2", "4Gi"), ResourceList.of("8", "6Gi")));
        assertThat(AllocatedSpec.withPodLimits(pod, ResourceList.of("1", "3Gi"), pod)
                        .resources())
                .isEqualTo(guaranteed("1", "3Gi"));
    }

    @Test
    void aPodsLimitThatIsNotSaidStays() {
        PodSpec pod = pod(guaranteed("4", "8Gi"));

        assertThat(AllocatedSpec.withPodLimits(pod, cpu("6"), pod).resources()).isEqualTo(guaranteed("6", "8Gi"));
    }

    @Test
    void whoHadNoLimitOfItsOwnInheritsThePodsThoughItWasGivenThatFirst() {
        PodSpec admitted = pod(
                guaranteed("4", "8Gi"),
                app("log", ResourceRequirements.NONE),
                app("own", resources(cpu("1"), cpu("4"))),
                app("half", ResourceRequirements.NONE));
        // On a shrink the kubelet updates the containers that inherit the new limits before it updates the pod.
        PodSpec between = pod(
                guaranteed("4", "8Gi"),
                app("log", resources(cpu("500m"), ResourceList.of("3", "6Gi"))),
                app("own", resources(cpu("1"), cpu("3"))),
                app("half", resources(ResourceList.EMPTY, ResourceList.of("2", "6Gi"))),
                app("late", resources(ResourceList.EMPTY, cpu("3"))));

        PodSpec after = AllocatedSpec.withPodLimits(between, ResourceList.of("3", "6Gi"), admitted);

        assertThat(after.resources()).isEqualTo(guaranteed("3", "6Gi"));
        assertThat(resourcesOf(after, "log")).isEqualTo(resources(cpu("500m"), ResourceList.EMPTY));
        assertThat(resourcesOf(after, "own")).isEqualTo(resources(cpu("1"), cpu("3")));
        assertThat(resourcesOf(after, "half")).isEqualTo(resources(ResourceList.EMPTY, cpu("2")));
        assertThat(resourcesOf(after, "late")).isEqualTo(ResourceRequirements.NONE);
    }

    @Test
    void whatIsSaidOfAContainerBecomesItsLimitsAndRequests() {
        assertThat(updated(
                        guaranteed("2", "4Gi"),
                        shares(3072).withCpuQuota(300_000, 100_000).withMemoryLimit(6 * GI)))
                .isEqualTo(guaranteed("3", "6Gi"));
        assertThat(updated(
                        resources(ResourceList.of("250m", "1Gi"), ResourceList.of("500m", "2Gi")),
                        shares(512).withCpuQuota(50_000, 50_000).withMemoryLimit(3 * GI)))
                .isEqualTo(resources(ResourceList.of("500m", "1Gi"), ResourceList.of("1", "3Gi")));
    }

    @Test
    void whatIsNotSaidOfAContainerStays() {
        ResourceRequirements had = resources(ResourceList.of("250m", "1Gi"), ResourceList.of("500m", "2Gi"));

        assertThat(updated(had, LinuxResources.NONE)).isEqualTo(had);
        assertThat(updated(had, memory(4 * GI)))
                .isEqualTo(resources(ResourceList.of("250m", "1Gi"), ResourceList.of("500m", "4Gi")));
        assertThat(updated(had, quota(80_000)))
                .isEqualTo(resources(ResourceList.of("250m", "1Gi"), ResourceList.of("800m", "2Gi")));
        assertThat(updated(had, shares(307)))
                .isEqualTo(resources(ResourceList.of("300m", "1Gi"), ResourceList.of("500m", "2Gi")));
    }

    @Test
    void onlyTheContainerThatIsNamedChanges() {
        PodSpec pod =
                pod(ResourceRequirements.NONE, app("a", guaranteed("1", "1Gi")), app("b", guaranteed("1", "1Gi")));

        assertThat(AllocatedSpec.withContainer(pod, "b", memory(2 * GI)))
                .isEqualTo(pod(
                        ResourceRequirements.NONE, app("a", guaranteed("1", "1Gi")), app("b", guaranteed("1", "2Gi"))));
        assertThat(AllocatedSpec.withContainer(pod, "c", memory(2 * GI))).isEqualTo(pod);
    }

    @Test
    void aLiftedQuotaIsNoLimit() {
        ResourceRequirements had = resources(ResourceList.of("2", "4Gi"), ResourceList.of("4", "4Gi"));

        assertThat(updated(had, shares(2048).withCpuQuota(-1, 100_000))).isEqualTo(had);
    }

    @Test
    void aQuotaAloneThrottlesWhoseRequestIsItsLimit() {
        assertThat(updated(guaranteed("2", "4Gi"), quota(50_000))).isEqualTo(guaranteed("2", "4Gi"));
        // For a container without a request it is the limit.
        assertThat(updated(resources(ResourceList.EMPTY, cpu("2")), quota(50_000)))
                .isEqualTo(resources(ResourceList.EMPTY, cpu("500m")));
    }

    @Test
    void sharesOfAContainerWithoutARequestComeFromItsLimitAndAreNoRequest() {
        assertThat(updated(resources(ResourceList.EMPTY, cpu("2")), shares(2048)))
                .isEqualTo(resources(ResourceList.EMPTY, cpu("2")));
        assertThat(updated(ResourceRequirements.NONE, shares(2))).isEqualTo(ResourceRequirements.NONE);
    }

    @Test
    void aRequestBelowTheLeastSharesIsTheSame() {
        ResourceRequirements least = resources(cpu("1m"), ResourceList.EMPTY);

        assertThat(updated(least, shares(2))).isEqualTo(least);
        assertThat(updated(least, shares(4))).isEqualTo(resources(cpu("4m"), ResourceList.EMPTY));
    }

    @Test
    void aLimitBelowTheLeastQuotaIsTheSame() {
        ResourceRequirements least = resources(cpu("1m"), cpu("5m"));

        assertThat(updated(least, quota(1_000))).isEqualTo(least);
        assertThat(updated(least, quota(2_000))).isEqualTo(resources(cpu("1m"), cpu("20m")));
    }

    @Test
    void aMemoryLimitBelowTheRequestTakesItAlong() {
        ResourceRequirements had = resources(ResourceList.of("1", "2Gi"), ResourceList.of("1", "4Gi"));

        assertThat(updated(had, memory(GI)))
                .isEqualTo(resources(ResourceList.of("1", "1Gi"), ResourceList.of("1", "1Gi")));
        assertThat(updated(had, memory(3 * GI)))
                .isEqualTo(resources(ResourceList.of("1", "2Gi"), ResourceList.of("1", "3Gi")));
    }

    @Test
    void aLimitThatIsThePodsIsInheritedAndAnotherOneIsTheContainersOwn() {
        PodSpec pod = pod(guaranteed("4", "8Gi"), app("a", ResourceRequirements.NONE));
        LinuxResources inherited = shares(4096).withCpuQuota(400_000, 100_000).withMemoryLimit(8 * GI);

        assertThat(AllocatedSpec.withContainer(pod, "a", inherited)).isEqualTo(pod);
        assertThat(resourcesOf(
                        AllocatedSpec.withContainer(
                                pod,
                                "a",
                                inherited.withCpuQuota(300_000, 100_000).withMemoryLimit(6 * GI)),
                        "a"))
                .isEqualTo(resources(ResourceList.EMPTY, ResourceList.of("3", "6Gi")));
    }

    @Test
    void aContainersOwnLimitIsComparedWithItselfAndNotWithThePods() {
        PodSpec pod = pod(
                guaranteed("4", "8Gi"), app("a", resources(ResourceList.of("1", "1Gi"), ResourceList.of("2", "2Gi"))));

        PodSpec raised = AllocatedSpec.withContainer(pod, "a", quota(400_000).withMemoryLimit(8 * GI));

        assertThat(resourcesOf(raised, "a"))
                .isEqualTo(resources(ResourceList.of("1", "1Gi"), ResourceList.of("4", "8Gi")));
    }
}
