package io.podslice.managers.resize;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResizePolicy.RestartPolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Memory requests that only the cluster's spec has, beside the limits that are allocated. */
final class DescribedRequestsTest {
    private static ResourceRequirements of(String request, String limit) {
        return new ResourceRequirements(memory(request), memory(limit));
    }

    private static ResourceList memory(String amount) {
        return amount.isEmpty()
                ? ResourceList.EMPTY
                : ResourceList.EMPTY.with(ResourceName.MEMORY, Quantity.parse(amount));
    }

    private static PodSpec pod(ResourceRequirements pod, ResourceRequirements container) {
        return new PodSpec(pod, List.of(new ContainerSpec("a", ContainerKind.APP, container)));
    }

    private static String requestOfA(PodSpec spec) {
        return spec.container("a")
                .orElseThrow()
                .resources()
                .requests()
                .get(ResourceName.MEMORY)
                .toString();
    }

    @Test
    void aRequestWhoseLimitIsAllocatedCounts() {
        PodSpec result =
                DescribedRequests.of(pod(of("3Gi", "4Gi"), of("1Gi", "2Gi")), pod(of("2Gi", "4Gi"), of("2Gi", "2Gi")));

        assertThat(requestOfA(result)).isEqualTo("2Gi");
        assertThat(result.resources()).isEqualTo(of("2Gi", "4Gi"));
    }

    @Test
    void aRequestWaitsForItsLimit() {
        PodSpec allocated = pod(of("3Gi", "4Gi"), of("1Gi", "2Gi"));

        assertThat(DescribedRequests.of(allocated, pod(of("3Gi", "4Gi"), of("2Gi", "3Gi"))))
                .isEqualTo(allocated);
    }

    /** Else the pod's containers would request more than the pod may have. */
    @Test
    void aRequestOfAContainerThatRisesWaitsForThePodsLimitToo() {
        PodSpec allocated = pod(of("2Gi", "2Gi"), of("1Gi", ""));

        assertThat(DescribedRequests.of(allocated, pod(of("4Gi", "4Gi"), of("3Gi", ""))))
                .isEqualTo(allocated);
        assertThat(requestOfA(DescribedRequests.of(allocated, pod(of("1Gi", "1Gi"), of("512Mi", "")))))
                .isEqualTo("512Mi");
    }

    @Test
    void resizePoliciesFollowAndOtherContainersStay() {
        ResizePolicy restarts = ResizePolicy.NOT_REQUIRED.with(ResourceName.CPU, RestartPolicy.RESTART_CONTAINER);
        ContainerSpec mine = new ContainerSpec("a", ContainerKind.APP, of("1Gi", ""));
        ContainerSpec other = new ContainerSpec("b", ContainerKind.APP, of("1Gi", ""));
        PodSpec allocated = new PodSpec(ResourceRequirements.NONE, List.of(mine, other));
        PodSpec described = new PodSpec(
                ResourceRequirements.NONE,
                List.of(
                        new ContainerSpec("a", ContainerKind.APP, of("1Gi", ""), restarts),
                        new ContainerSpec("b", ContainerKind.SIDECAR, of("2Gi", "")),
                        new ContainerSpec("c", ContainerKind.APP, of("2Gi", ""))));

        PodSpec result = DescribedRequests.of(allocated, described);

        assertThat(result.containers())
                .containsExactly(new ContainerSpec("a", ContainerKind.APP, of("1Gi", ""), restarts), other);
    }

    @Test
    void aRequestThatIsNotDescribedStays() {
        PodSpec allocated = pod(ResourceRequirements.NONE, of("1Gi", ""));
        assertThat(DescribedRequests.of(allocated, pod(ResourceRequirements.NONE, of("", ""))))
                .isEqualTo(allocated);
    }
}
