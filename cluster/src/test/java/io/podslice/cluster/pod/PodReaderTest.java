package io.podslice.cluster.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.sun.management.ThreadMXBean;
import io.podslice.cluster.TestPods;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ResizePolicy.RestartPolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.ContainerResizePolicy;
import io.podslice.proto.core.v1.EphemeralContainer;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodStatus;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodReaderTest {
    private static final Pod POD = TestPods.pod("web-0", 7, "6");

    private static KnownPod read(Pod pod) throws UnreadableException {
        return PodReader.read(SpecSource.PODS_API, ByteBuffer.wrap(pod.toByteArray()));
    }

    private static Pod.Builder builder() {
        return POD.toBuilder();
    }

    private static Container container(String name) {
        return Container.newBuilder().setName(name).build();
    }

    @Test
    void the_pod_and_its_containers_in_the_specs_order() throws Exception {
        Pod.Builder pod = builder();
        pod.getSpecBuilder()
                .addInitContainers(container("setup").toBuilder().setResources(TestPods.limits("1", "1Gi")))
                .addContainers(container("second"))
                .addEphemeralContainers(
                        EphemeralContainer.newBuilder().setEphemeralContainerCommon(container("debugger")));

        KnownPod known = read(pod.build());

        assertThat(known.source()).isEqualTo(SpecSource.PODS_API);
        assertThat(known.uid()).isEqualTo("uid-of-web-0");
        assertThat(known.namespace()).isEqualTo("default");
        assertThat(known.name()).isEqualTo("web-0");
        assertThat(known.generation()).isEqualTo(7);
        assertThat(known.priority()).isEqualTo(1000);
        assertThat(known.resizePending()).isFalse();
        assertThat(known.ended()).isFalse();
        assertThat(known.spec().containers())
                .extracting(ContainerSpec::name, ContainerSpec::kind)
                .containsExactly(
                        tuple("proxy", ContainerKind.SIDECAR),
                        tuple("setup", ContainerKind.INIT),
                        tuple("main", ContainerKind.APP),
                        tuple("second", ContainerKind.APP),
                        tuple("debugger", ContainerKind.EPHEMERAL));
    }

    @Test
    void requests_come_from_limits_by_default() throws Exception {
        Pod.Builder pod = builder();
        pod.getSpecBuilder().getContainersBuilder(0).setResources(TestPods.limits("2", "1Gi"));

        KnownPod known = read(pod.build());

        assertThat(known.spec().resources().limits()).isEqualTo(ResourceList.of("6", "4Gi"));
        // The API server sums the containers up where the pod itself requests nothing.
        assertThat(known.spec().resources().requests()).isEqualTo(ResourceList.of("2", "1Gi"));
        assertThat(known.spec().container("main").orElseThrow().resources().requests())
                .isEqualTo(ResourceList.of("2", "1Gi"));
    }

    @Test
    void resize_policies_that_podslice_does_not_know_count_as_none() throws Exception {
        Pod.Builder pod = builder();
        pod.getSpecBuilder()
                .getContainersBuilder(0)
                .addResizePolicy(policy("memory", "RestartContainer"))
                .addResizePolicy(policy("cpu", "RestartSometimes"))
                .addResizePolicy(policy("example.com/fpga", "RestartContainer"));

        var policy = read(pod.build()).spec().container("main").orElseThrow().resizePolicy();

        assertThat(policy.cpu()).isEqualTo(RestartPolicy.NOT_REQUIRED);
        assertThat(policy.memory()).isEqualTo(RestartPolicy.RESTART_CONTAINER);
    }

    private static ContainerResizePolicy policy(String resource, String restart) {
        return ContainerResizePolicy.newBuilder()
                .setResourceName(resource)
                .setRestartPolicy(restart)
                .build();
    }

    @Test
    void only_a_true_condition_makes_a_resize_pending() throws Exception {
        assertThat(read(TestPods.pending(POD)).resizePending()).isTrue();
        Pod.Builder pod = TestPods.pending(POD).toBuilder();
        pod.getStatusBuilder().getConditionsBuilder(0).setStatus("False");
        assertThat(read(pod.build()).resizePending()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"Succeeded, true", "Failed, true", "Running, false", "Pending, false", "'', false"})
    void phase(String phase, boolean ended) throws Exception {
        Pod pod = builder().setStatus(PodStatus.newBuilder().setPhase(phase)).build();
        assertThat(read(pod).ended()).isEqualTo(ended);
    }

    @Test
    void the_api_server_s_mirror_has_the_uid_of_its_static_pod() throws Exception {
        Pod.Builder pod = builder();
        pod.getMetadataBuilder()
                .putAnnotations("kubernetes.io/config.mirror", "0123456789abcdef")
                .putAnnotations("kubernetes.io/config.hash", "0123456789abcdef");
        assertThat(uid(SpecSource.API_SERVER, pod.build())).isEqualTo("0123456789abcdef");

        pod.getMetadataBuilder().removeAnnotations("kubernetes.io/config.mirror");
        assertThat(uid(SpecSource.API_SERVER, pod.build())).isEqualTo("uid-of-web-0");
    }

    private static String uid(SpecSource source, Pod pod) throws Exception {
        return PodReader.read(source, ByteBuffer.wrap(pod.toByteArray())).uid();
    }

    /** The kubelet has no mirrors among its pods: such annotations are a tenant's. */
    @ParameterizedTest
    @EnumSource(names = {"PODS_API", "STATIC_PODS"})
    void elsewhere_no_annotation_changes_a_pod_s_uid(SpecSource source) throws Exception {
        Pod.Builder pod = builder();
        pod.getMetadataBuilder()
                .putAnnotations("kubernetes.io/config.mirror", "0123456789abcdef")
                .putAnnotations("kubernetes.io/config.hash", "0123456789abcdef");
        assertThat(uid(source, pod.build())).isEqualTo("uid-of-web-0");
    }

    @Test
    void the_kubelet_tells_of_a_deleted_pod_its_name_and_uid_alone() throws Exception {
        Pod pod = Pod.newBuilder().setMetadata(POD.getMetadata()).build();
        PodMetadata metadata = PodMetadata.of(ByteBuffer.wrap(pod.toByteArray()));
        assertThat(metadata.criUid()).isEqualTo("uid-of-web-0");
        assertThat(metadata.namespace()).isEqualTo("default");
        assertThat(metadata.name()).isEqualTo("web-0");
    }

    @Test
    void names_at_pod_level_that_podslice_does_not_know_there_are_left_out() throws Exception {
        Pod.Builder pod = builder();
        pod.getSpecBuilder().getResourcesBuilder().putLimits("example.com/fpga", TestPods.quantity("2"));
        pod.getSpecBuilder()
                .getContainersBuilder(0)
                .getResourcesBuilder()
                .putLimits("example.com/fpga", TestPods.quantity("2"));

        KnownPod known = read(pod.build());

        assertThat(known.spec().resources().limits().names()).containsExactly(ResourceName.CPU, ResourceName.MEMORY);
        assertThat(known.spec()
                        .container("main")
                        .orElseThrow()
                        .resources()
                        .limits()
                        .names())
                .containsExactly(new ResourceName("example.com/fpga"));
    }

    /** Environment and volumes of a MiB are skipped where they lie, at every level, and so are fields of any kind. */
    @Test
    void unknown_fields_are_skipped() throws Exception {
        UnknownFieldSet bulk = UnknownFieldSet.newBuilder()
                .addField(
                        7,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFrom(new byte[1 << 20]))
                                .build())
                .addField(
                        500,
                        UnknownFieldSet.Field.newBuilder()
                                .addVarint(-1)
                                .addFixed32(1)
                                .addFixed64(2)
                                .addGroup(UnknownFieldSet.newBuilder()
                                        .addField(
                                                1,
                                                UnknownFieldSet.Field.newBuilder()
                                                        .addVarint(5)
                                                        .build())
                                        .build())
                                .build())
                .build();
        Pod.Builder pod = builder();
        pod.getSpecBuilder().getContainersBuilder(0).setUnknownFields(bulk);
        pod.getSpecBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(1, bulk.getField(7))
                        .build());
        byte[] bytes = pod.build().toByteArray();
        KnownPod sound = read(POD);

        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        KnownPod known = PodReader.read(SpecSource.PODS_API, ByteBuffer.wrap(bytes));
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(known).isEqualTo(sound);
        assertThat(bytes).hasSizeGreaterThan(2 << 20);
        assertThat(allocated).as("bytes allocated").isLessThan(64 << 10);
    }

    /** As protobuf has it: a message that comes twice is one, and of a number or a text the last counts. */
    @Test
    void parts_that_come_twice_are_merged() throws Exception {
        Pod more = Pod.newBuilder()
                .setMetadata(POD.getMetadata().toBuilder().clear().setGeneration(8))
                .setSpec(io.podslice.proto.core.v1.PodSpec.newBuilder().addContainers(container("late")))
                .build();
        byte[] bytes = POD.toByteString().concat(more.toByteString()).toByteArray();
        KnownPod known = PodReader.read(SpecSource.API_SERVER, ByteBuffer.wrap(bytes));
        assertThat(known.generation()).isEqualTo(8);
        assertThat(known.name()).isEqualTo("web-0");
        assertThat(known.spec().containers()).extracting(ContainerSpec::name).containsExactly("proxy", "main", "late");
    }

    @Test
    void a_field_with_another_wire_type_is_an_unknown_field() throws Exception {
        // metadata.generation, field 7, as a text.
        ByteString odd = ByteString.copyFrom(new byte[] {(1 << 3) | 2, 3, (7 << 3) | 2, 1, 'x'});
        KnownPod known = PodReader.read(
                SpecSource.PODS_API,
                ByteBuffer.wrap(POD.toByteString().concat(odd).toByteArray()));
        assertThat(known).isEqualTo(read(POD));
    }

    @Test
    void the_buffer_may_be_read_only_direct_and_a_part_of_a_larger_one() throws Exception {
        byte[] bytes = POD.toByteArray();
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 20);
        buffer.position(7).put(bytes).flip().position(7);
        assertThat(PodReader.read(SpecSource.PODS_API, buffer.asReadOnlyBuffer()))
                .isEqualTo(read(POD));
        assertThat(buffer.position()).isEqualTo(7);
    }

    @Test
    void an_amount_that_does_not_parse_is_named_with_its_value() {
        Pod.Builder pod = builder();
        pod.getSpecBuilder().addContainers(container("third").toBuilder().setResources(TestPods.limits("four", "1Gi")));
        assertThatThrownBy(() -> read(pod.build()))
                .isInstanceOf(UnreadableException.class)
                .hasMessageStartingWith(
                        "spec.containers[1].resources.limits[cpu]: Invalid value: \"four\": quantities must");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1e99", "0x10", "1 Gi", "９"})
    void amounts_at_pod_level(String text) {
        Pod.Builder pod = builder();
        pod.getSpecBuilder().getResourcesBuilder().putRequests("memory", TestPods.quantity(text));
        assertThatThrownBy(() -> read(pod.build()))
                .isInstanceOf(UnreadableException.class)
                .hasMessageStartingWith("spec.resources.requests[memory]: Invalid value: \"" + text + "\": ");
    }

    @Test
    void the_names_of_resources_and_containers_are_checked() {
        Pod.Builder pod = builder();
        pod.getSpecBuilder().getResourcesBuilder().putRequests("a\nb", TestPods.quantity("1"));
        assertThatThrownBy(() -> read(pod.build()))
                .hasMessage("spec.resources.requests: resource name \"a\\nb\": must be a qualified name, such as cpu or"
                        + " example.com/fpga");

        Pod.Builder other = builder();
        other.getSpecBuilder().getInitContainersBuilder(0).setName("No Label");
        assertThatThrownBy(() -> read(other.build()))
                .hasMessageStartingWith(
                        "spec.initContainers[0].name: Invalid value: \"No Label\": a lowercase RFC 1123");
    }

    @Test
    void a_pod_without_uid_is_none() {
        assertThatThrownBy(() -> PodReader.read(SpecSource.PODS_API, ByteBuffer.allocate(0)))
                .isInstanceOf(UnreadableException.class)
                .hasMessage("metadata.uid: is missing");
    }

    @Test
    void bounds() {
        Pod.Builder containers = builder();
        for (int i = 0; i <= PodReader.MOST_CONTAINERS; i++) {
            containers.getSpecBuilder().addContainers(container("c" + i));
        }
        assertThatThrownBy(() -> read(containers.build()))
                .hasMessage("spec.containers: more than 1024 containers in the pod");

        Pod.Builder amounts = builder();
        for (int i = 0; i <= AmountsReader.MOST; i++) {
            amounts.getSpecBuilder()
                    .getContainersBuilder(0)
                    .getResourcesBuilder()
                    .putLimits("example.com/r" + i, TestPods.quantity("1"));
        }
        assertThatThrownBy(() -> read(amounts.build()))
                .hasMessage("spec.containers[0].resources.limits: more than 4096 amounts in the pod");

        assertThatThrownBy(() -> PodReader.read(SpecSource.PODS_API, ByteBuffer.allocate(PodReader.MOST_BYTES + 1)))
                .hasMessage("a pod of 4194305 bytes, above 4194304");
    }

    @Test
    void a_pod_that_is_cut_anywhere_is_either_another_pod_or_an_error() {
        byte[] whole = POD.toByteArray();
        int errors = 0;
        for (int length = 0; length < whole.length; length++) {
            try {
                var _ = PodReader.read(SpecSource.PODS_API, ByteBuffer.wrap(whole, 0, length));
            } catch (UnreadableException e) {
                errors++;
            }
        }
        assertThat(errors).isGreaterThan(whole.length / 2);
    }

    /** The most that the bounds let through, with as many resources as containers: sums of them must not explode. */
    @Test
    void the_worst_pod_within_the_bounds_is_read() throws Exception {
        Pod.Builder pod = builder();
        for (int i = 0; i < 1000; i++) {
            Container.Builder container = container("c" + i).toBuilder();
            for (int j = 0; j < 4; j++) {
                container.getResourcesBuilder().putLimits("example.com/r" + i + "-" + j, TestPods.quantity("1"));
            }
            pod.getSpecBuilder().addContainers(container);
        }
        List<ContainerSpec> containers = read(pod.build()).spec().containers();
        assertThat(containers).hasSize(1002);
    }
}
