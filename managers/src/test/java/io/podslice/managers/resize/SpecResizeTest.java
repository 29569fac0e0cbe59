package io.podslice.managers.resize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.InvalidPodSpecException;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/** The resizes that are allowed for a running pod, and the texts of refusals. */
final class SpecResizeTest {
    /** A pod that is Guaranteed by its pod-level resources; its containers need not be. */
    private static final PodSpec WHOLE = new PodSpec(
            guaranteed("4", "8Gi"),
            List.of(
                    new ContainerSpec("load", ContainerKind.INIT, guaranteed("1", "1Gi")),
                    new ContainerSpec("mesh", ContainerKind.SIDECAR, guaranteed("1", "1Gi")),
                    new ContainerSpec(
                            "db",
                            ContainerKind.APP,
                            resources(ResourceList.of("1", "2Gi"), ResourceList.of("2", "4Gi"))),
                    new ContainerSpec("debug", ContainerKind.EPHEMERAL, ResourceRequirements.NONE)));

    /** A pod without pod-level resources. */
    private static final PodSpec PLAIN = new PodSpec(
            ResourceRequirements.NONE, List.of(new ContainerSpec("db", ContainerKind.APP, guaranteed("1", "1Gi"))));

    private static ResourceRequirements guaranteed(String cpu, String memory) {
        return resources(ResourceList.of(cpu, memory), ResourceList.of(cpu, memory));
    }

    private static ResourceRequirements resources(ResourceList requests, ResourceList limits) {
        return new ResourceRequirements(requests, limits);
    }

    private static ResourceRequirements requests(String resource, String amount) {
        return resources(list(resource, amount), ResourceList.EMPTY);
    }

    private static ResourceRequirements limits(String resource, String amount) {
        return resources(ResourceList.EMPTY, list(resource, amount));
    }

    private static ResourceList list(String resource, String amount) {
        return ResourceList.of(Map.of(new ResourceName(resource), Quantity.parse(amount)));
    }

    private static PodSpec resized(PodSpec pod, ResourceRequirements ofPod) {
        return SpecResize.of(pod, Optional.of(ofPod), Map.of());
    }

    private static PodSpec resized(PodSpec pod, String container, ResourceRequirements to) {
        return SpecResize.of(pod, Optional.empty(), Map.of(container, to));
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(PodSpec pod, ResourceRequirements ofPod) {
        return assertThatThrownBy(() -> resized(pod, ofPod)).isInstanceOf(InvalidPodSpecException.class);
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(
            PodSpec pod, String container, ResourceRequirements to) {
        return assertThatThrownBy(() -> resized(pod, container, to)).isInstanceOf(InvalidPodSpecException.class);
    }

    private static ResourceRequirements of(PodSpec pod, String container) {
        return pod.container(container).orElseThrow().resources();
    }

    @Test
    void whatIsNamedIsReplacedAndTheRestStays() {
        ResourceRequirements six = resources(list("cpu", "6"), list("cpu", "6"));

        PodSpec desired = SpecResize.of(
                WHOLE,
                Optional.of(six),
                Map.of("db", limits("memory", "6Gi"), "mesh", resources(list("cpu", "500m"), list("cpu", "800m"))));

        assertThat(desired.resources()).isEqualTo(guaranteed("6", "8Gi"));
        assertThat(of(desired, "db")).isEqualTo(resources(ResourceList.of("1", "2Gi"), ResourceList.of("2", "6Gi")));
        assertThat(of(desired, "mesh"))
                .isEqualTo(resources(ResourceList.of("500m", "1Gi"), ResourceList.of("800m", "1Gi")));
        assertThat(of(desired, "load")).isEqualTo(guaranteed("1", "1Gi"));
    }

    @Test
    void nothingThatIsNamedIsNothingThatChanges() {
        assertThat(SpecResize.of(WHOLE, Optional.empty(), Map.of())).isEqualTo(WHOLE);
        assertThat(SpecResize.of(PLAIN, Optional.empty(), Map.of())).isEqualTo(PLAIN);
    }

    @Test
    void amountsFinerThanTheApiServersAreRoundedUp() {
        assertThat(of(resized(WHOLE, "db", limits("cpu", "1500001u")), "db")
                        .limits()
                        .get(ResourceName.CPU))
                .hasToString("1501m");
    }

    @Test
    void aPodWithoutResourcesAsAWholeHasNoneToResize() {
        refused(PLAIN, guaranteed("2", "2Gi"))
                .hasMessage("spec.resources: Invalid value: \"requests {cpu=2, memory=2Gi}, limits {cpu=2,"
                        + " memory=2Gi}\": the pod has no resources as a whole to resize; name its containers");
    }

    @Test
    void onlyCpuAndMemoryChangeWhileThePodRuns() {
        refused(WHOLE, limits("hugepages-2Mi", "64Mi"))
                .hasMessage("spec.resources.limits[hugepages-2Mi]: Invalid value: \"64Mi\": only cpu and memory"
                        + " resources are mutable at pod-level");
        refused(WHOLE, "db", requests("example.com/fpga", "1"))
                .hasMessage("spec.containers[db].resources.requests[example.com/fpga]: Invalid value: \"1\": only cpu"
                        + " and memory resources are mutable");
    }

    @Test
    void noAmountIsRemoved() {
        refused(WHOLE, requests("cpu", "0"))
                .hasMessage("spec.resources.requests[cpu]: Invalid value: \"0\": pod-level resource requests cannot be"
                        + " removed");
        refused(WHOLE, limits("memory", "0"))
                .hasMessage("spec.resources.limits[memory]: Invalid value: \"0\": pod-level resource limits cannot be"
                        + " removed");
        refused(WHOLE, "db", requests("memory", "0"))
                .hasMessage("spec.containers[db].resources.requests[memory]: Invalid value: \"0\": resource requests"
                        + " cannot be removed");
        refused(WHOLE, "db", limits("cpu", "0"))
                .hasMessage("spec.containers[db].resources.limits[cpu]: Invalid value: \"0\": resource limits cannot be"
                        + " removed");
    }

    @Test
    void onlyContainersThatRunAsLongAsThePodAreResized() {
        assertThat(of(resized(WHOLE, "mesh", guaranteed("2", "2Gi")), "mesh")).isEqualTo(guaranteed("2", "2Gi"));
        refused(WHOLE, "load", limits("cpu", "2"))
                .hasMessage("spec.containers[load].resources: Invalid value: \"requests {}, limits {cpu=2}\": resources"
                        + " for non-sidecar init containers are immutable");
        refused(WHOLE, "debug", requests("memory", "1Gi"))
                .hasMessage("spec.containers[debug].resources: Invalid value: \"requests {memory=1Gi}, limits {}\":"
                        + " cannot be set for an ephemeral container");
        refused(WHOLE, "cache", limits("cpu", "2"))
                .hasMessage("spec.containers[cache].resources: Invalid value: \"cache\": no container of the pod:"
                        + " containers may not be added or removed on resize");
    }

    @Test
    void whatNoPodCouldBeIsRefusedInTheWordsOfTheApiServer() {
        refused(WHOLE, "db", limits("memory", "9Gi"))
                .hasMessage("spec.containers[0].resources.limits[memory]: Invalid value: \"9Gi\": must be less than or"
                        + " equal to pod limits of 8Gi");
        refused(WHOLE, guaranteed("1", "8Gi"))
                .hasMessage("spec.resources.requests[cpu]: Invalid value: \"1\": must be greater than or equal to"
                        + " aggregate container requests of 2");
        refused(PLAIN, "db", requests("cpu", "2"))
                .hasMessage("spec.containers[0].resources.requests[cpu]: Invalid value: \"2\": must be less than or"
                        + " equal to cpu limit of 1");
    }

    @Test
    void aPodsClassStaysWhatItIs() {
        refused(PLAIN, "db", limits("cpu", "2"))
                .hasMessage("spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing;"
                        + " it is Guaranteed");
        refused(WHOLE, limits("cpu", "6"))
                .hasMessage("spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing;"
                        + " it is Guaranteed");
    }
}
