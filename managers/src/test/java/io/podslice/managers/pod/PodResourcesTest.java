package io.podslice.managers.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Values computed from a pod and its containers: effective resources, exclusive CPUs, inherited limits. */
final class PodResourcesTest {
    private static final ResourceName PAGES = new ResourceName("hugepages-2Mi");

    private static ContainerSpec container(String name, ContainerKind kind, String cpu, String memory) {
        ResourceList list = ResourceList.of(cpu, memory);
        return new ContainerSpec(name, kind, new ResourceRequirements(list, list));
    }

    private static ContainerSpec bare(String name, ContainerKind kind) {
        return new ContainerSpec(name, kind, ResourceRequirements.NONE);
    }

    private static PodSpec pod(ResourceRequirements own, ContainerSpec... containers) {
        return new PodSpec(own, List.of(containers));
    }

    private static ResourceRequirements both(String cpu, String memory) {
        return new ResourceRequirements(ResourceList.of(cpu, memory), ResourceList.of(cpu, memory));
    }

    @Test
    void initContainersCountWithTheSidecarsThatRunAlready() {
        PodSpec pod = pod(
                ResourceRequirements.NONE,
                container("proxy", ContainerKind.SIDECAR, "1", "1Gi"),
                container("setup", ContainerKind.INIT, "6", "1Gi"),
                container("late", ContainerKind.SIDECAR, "500m", "1Gi"),
                container("app", ContainerKind.APP, "2", "4Gi"));

        EffectiveResources effective = EffectiveResources.of(pod, ResourceList.EMPTY);

        assertThat(effective.requests()).isEqualTo(ResourceList.of("7", "6Gi"));
        assertThat(effective.limits()).isEqualTo(effective.requests());
    }

    @Test
    void whatThePodNamesItselfReplacesItsContainersSum() {
        PodSpec pod = pod(
                new ResourceRequirements(ResourceList.of("8", "16Gi"), ResourceList.EMPTY),
                container("app", ContainerKind.APP, "2", "4Gi"));

        EffectiveResources effective = EffectiveResources.of(pod, ResourceList.of("100m", "64Mi"));

        assertThat(effective.requests()).isEqualTo(ResourceList.of("8100m", "16448Mi"));
        assertThat(effective.limits()).isEqualTo(ResourceList.of("2100m", "4160Mi"));
    }

    @Test
    void inAGuaranteedPodWithoutItsOwnResourcesWholeCpusAreExclusive() {
        PodSpec pod = pod(
                ResourceRequirements.NONE,
                container("two", ContainerKind.APP, "2", "1Gi"),
                container("half", ContainerKind.APP, "1500m", "1Gi"));

        assertThat(exclusive(pod, "two", null)).isEqualTo(2);
        assertThat(exclusive(pod, "half", null)).isZero();
        assertThat(exclusive(pod, "two", false)).isZero();
        assertThat(ExclusiveCpus.ofPod(pod)).isZero();
    }

    @Test
    void inAGuaranteedPodWithItsOwnOnlyContainersThatAreGuaranteedThemselves() {
        ResourceRequirements burst = new ResourceRequirements(ResourceList.of("2", "1Gi"), ResourceList.of("2", "2Gi"));
        PodSpec pod = pod(
                both("8", "16Gi"),
                container("two", ContainerKind.APP, "2", "1Gi"),
                new ContainerSpec("burst", ContainerKind.APP, burst),
                bare("bare", ContainerKind.SIDECAR));

        assertThat(ExclusiveCpus.ofPod(pod)).isEqualTo(8);
        assertThat(exclusive(pod, "two", null)).isEqualTo(2);
        assertThat(exclusive(pod, "burst", null)).isZero();
        assertThat(exclusive(pod, "burst", true)).isEqualTo(2);
        assertThat(exclusive(pod, "bare", null)).isZero();
    }

    @Test
    void aKnobMakesABurstablePodsContainerExclusive() {
        ResourceRequirements request = new ResourceRequirements(ResourceList.of("3", "1Gi"), ResourceList.EMPTY);
        PodSpec pod = pod(ResourceRequirements.NONE, new ContainerSpec("app", ContainerKind.APP, request));

        assertThat(exclusive(pod, "app", null)).isZero();
        assertThat(exclusive(pod, "app", true)).isEqualTo(3);
    }

    private static int exclusive(PodSpec pod, String container, @Nullable Boolean knob) {
        return ExclusiveCpus.of(pod, pod.container(container).orElseThrow(), knob);
    }

    @Test
    void aContainerWithoutLimitsInheritsThePods() {
        ResourceList pod = ResourceList.of("4", "8Gi").with(PAGES, Quantity.parse("64Mi"));

        LinuxResources filled =
                ContainerValues.filledIn(LinuxResources.NONE, bare("a", ContainerKind.APP), pod, Cfs.DEFAULT);

        assertThat(filled.cpuQuotaMicros()).isEqualTo(400_000);
        assertThat(filled.cpuPeriodMicros()).isEqualTo(100_000);
        assertThat(filled.memoryLimitBytes()).isEqualTo(8L << 30);
        assertThat(filled.hugepageLimits()).isEqualTo(Map.of("2MB", 64L << 20));
        assertThat(filled.cpuShares()).isZero();
    }

    @Test
    void aContainersOwnHugepagesGoBeforeThePods() {
        ResourceList own = ResourceList.of("1", "1Gi").with(PAGES, Quantity.parse("4Mi"));
        ContainerSpec container = new ContainerSpec("a", ContainerKind.APP, new ResourceRequirements(own, own));
        ResourceList pod = ResourceList.of("4", "8Gi").with(PAGES, Quantity.parse("64Mi"));

        assertThat(ContainerValues.filledIn(LinuxResources.NONE, container, pod, Cfs.DEFAULT)
                        .hugepageLimits())
                .isEqualTo(Map.of("2MB", 4L << 20));
    }

    @Test
    void theSendersPeriodStays() {
        LinuxResources sent = LinuxResources.NONE.withCpuQuota(0, 20_000);

        LinuxResources filled = ContainerValues.filledIn(
                sent, container("a", ContainerKind.APP, "1", "1Gi"), ResourceList.EMPTY, Cfs.DEFAULT);

        assertThat(filled.cpuQuotaMicros()).isEqualTo(20_000);
        assertThat(filled.cpuPeriodMicros()).isEqualTo(20_000);
    }

    /** The kubelet's rule: each container that names neither request nor limit weighs as much as the pod may use. */
    @Test
    void aContainerWithoutACpuRequestWeighsWhatItMayUse() {
        PodSpec pod = pod(both("8", "16Gi"), bare("a", ContainerKind.APP));
        ResourceRequirements zero = new ResourceRequirements(ResourceList.of("0", "1Gi"), ResourceList.of("4", "1Gi"));
        PodSpec asked = pod(ResourceRequirements.NONE, new ContainerSpec("a", ContainerKind.APP, zero));

        LinuxResources values = ContainerValues.of(pod, pod.containers().getFirst(), Cfs.DEFAULT);
        assertThat(values.cpuShares()).isEqualTo(8192);
        assertThat(values.cpuQuotaMicros()).isEqualTo(800_000);
        assertThat(values.memoryLimitBytes()).isEqualTo(16L << 30);
        assertThat(ContainerValues.of(asked, asked.containers().getFirst(), Cfs.DEFAULT)
                        .cpuShares())
                .isEqualTo(2);
    }

    @Test
    void aContainersOwnLimitsAndWhatTheSenderSaidStay() {
        LinuxResources sent = LinuxResources.NONE.withMemoryLimit(123).withHugepageLimits(Map.of("2MB", 0L, "1GB", 0L));

        LinuxResources filled = ContainerValues.filledIn(
                sent, container("a", ContainerKind.APP, "1500m", "1Gi"), ResourceList.of("4", "8Gi"), Cfs.DEFAULT);

        assertThat(filled.cpuQuotaMicros()).isEqualTo(150_000);
        assertThat(filled.cpuShares()).isEqualTo(1536);
        assertThat(filled.memoryLimitBytes()).isEqualTo(123);
        assertThat(filled.hugepageLimits()).isEqualTo(Map.of("2MB", 0L, "1GB", 0L));
    }

    @Test
    void withoutCfsQuotaNoQuotaIsFilledIn() {
        LinuxResources filled = ContainerValues.filledIn(
                LinuxResources.NONE,
                bare("a", ContainerKind.APP),
                ResourceList.of("4", "8Gi"),
                new Cfs(false, 100_000));

        assertThat(filled.cpuQuotaMicros()).isZero();
    }
}
