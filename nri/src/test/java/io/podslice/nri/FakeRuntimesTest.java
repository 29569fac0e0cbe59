package io.podslice.nri;

import static io.podslice.nri.DoorFixture.ASKING;
import static io.podslice.nri.DoorFixture.CONTAINER;
import static io.podslice.nri.DoorFixture.POD;
import static io.podslice.nri.DoorFixture.resources;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.node.ContainerRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.proto.nri.v1alpha1.Container;
import io.podslice.proto.nri.v1alpha1.ContainerAdjustment;
import io.podslice.proto.nri.v1alpha1.ContainerUpdate;
import io.podslice.proto.nri.v1alpha1.Empty;
import io.podslice.proto.nri.v1alpha1.Event;
import io.podslice.proto.nri.v1alpha1.LinuxCPU;
import io.podslice.proto.nri.v1alpha1.PodSandbox;
import io.podslice.proto.nri.v1alpha1.RegisterPluginRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The door against each version of NRI that containerd 1.7 to 2.4 has. */
@Timeout(120)
class FakeRuntimesTest {
    private final DoorFixture fixture = new DoorFixture();
    private final ScriptedNode node = fixture.node;

    static List<FakeRuntime.Behaviour> versions() {
        return FakeRuntime.versions();
    }

    static List<FakeRuntime.Behaviour> resizing() {
        return List.of(FakeRuntime.V0_10, FakeRuntime.V0_11, FakeRuntime.V0_12_2);
    }

    @AfterEach
    void close() throws IOException {
        fixture.close();
    }

    private FakeRuntime runtime(FakeRuntime.Behaviour version) throws Exception {
        FakeRuntime runtime = new FakeRuntime(fixture.socket, version);
        runtime.acceptAndConfigure();
        return runtime;
    }

    private static io.podslice.managers.pod.LinuxResources pinned() {
        return NriRecords.resources(CONTAINER.getLinux().getResources())
                .withCpuset("2-3", "0")
                .withCpuQuota(-1, 100_000);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void registers_and_subscribes_to_what_the_runtime_knows(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = new FakeRuntime(fixture.socket, version)) {
            RegisterPluginRequest registration = runtime.accept();
            runtime.configure();

            assertThat(registration.getPluginName()).isEqualTo("podslice");
            assertThat(registration.getPluginIdx()).isEqualTo("10");
            assertThat(registration.getNRIVersion()).isEqualTo("0.12.0");
            assertThat(runtime.subscribed(Event.CREATE_CONTAINER)).isTrue();
            assertThat(runtime.subscribed(Event.START_CONTAINER)).isTrue();
            assertThat(runtime.subscribed(Event.POST_START_CONTAINER)).isFalse();
            assertThat(runtime.subscribed(Event.VALIDATE_CONTAINER_ADJUSTMENT)).isFalse();
            assertThat(runtime.subscribed(Event.UPDATE_POD_SANDBOX))
                    .isEqualTo(resizing().contains(version));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void is_configured_before_its_registration_is_answered(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = new FakeRuntime(fixture.socket, version)) {
            runtime.configuresFirst = true;
            runtime.accept();
            runtime.synchronize(List.of(), List.of());
            runtime.runPodSandbox(POD);
            assertThat(node.told).containsExactly("run sandbox-1", "succeeded sandbox-1");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void a_pods_life(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = runtime(version)) {
            runtime.runPodSandbox(POD);
            node.verdict = () -> node.proceed(pinned());
            ContainerAdjustment adjustment =
                    runtime.createContainer(POD, CONTAINER).getAdjust();
            runtime.startContainer(POD, CONTAINER);
            runtime.stopContainer(POD, CONTAINER);
            runtime.removeContainer(POD, CONTAINER);
            runtime.stopPodSandbox(POD);
            runtime.removePodSandbox(POD);

            assertThat(node.told)
                    .containsExactly(
                            "run sandbox-1",
                            "succeeded sandbox-1",
                            "create container-1",
                            "succeeded container-1",
                            "started container container-1",
                            "stopped container container-1",
                            "removed container container-1",
                            "stopped sandbox-1",
                            "removed sandbox-1");
            LinuxCPU cpu = adjustment.getLinux().getResources().getCpu();
            assertThat(cpu.getCpus()).isEqualTo("2-3");
            assertThat(cpu.getMems()).isEqualTo("0");
            assertThat(cpu.getQuota().getValue()).isEqualTo(-1);
            assertThat(cpu.hasShares()).isFalse();
            assertThat(cpu.hasPeriod()).isFalse();
            assertThat(adjustment.getLinux().getResources().hasMemory()).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void the_brain_is_told_what_nri_says_of_a_pod(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = runtime(version)) {
            runtime.runPodSandbox(ASKING);
            runtime.createContainer(ASKING, CONTAINER);

            PodSandboxRequest sandbox = Objects.requireNonNull(node.sandbox);
            ContainerRequest container = Objects.requireNonNull(node.container);
            assertThat(sandbox.uid()).isEqualTo("uid-1");
            assertThat(sandbox.namespace()).isEqualTo("shop");
            assertThat(sandbox.name()).isEqualTo("web");
            assertThat(sandbox.cgroupParent()).isEqualTo("/kubepods/pod-1");
            assertThat(sandbox.annotations()).containsKey("podslice.io/exclusive.app");
            assertThat(sandbox.resources().cpuQuotaMicros()).isEqualTo(100_000);
            assertThat(sandbox.resources().memoryLimitBytes()).isEqualTo(1 << 20);
            assertThat(sandbox.overhead().cpuShares()).isEqualTo(2);
            assertThat(container.sandboxId()).isEqualTo("sandbox-1");
            assertThat(container.name()).isEqualTo("app");
            assertThat(container.resources().cpuShares()).isEqualTo(1024);
            assertThat(container.sandbox()).isEqualTo(sandbox);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void refuses_a_pod_and_a_container_with_the_reason(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = runtime(version)) {
            node.refuse("TopologyAffinityError", Refusal.Kind.PRECONDITION, "8 CPUs do not fit");
            assertThatThrownBy(() -> runtime.runPodSandbox(ASKING))
                    .hasMessage("TopologyAffinityError: 8 CPUs do not fit");
            assertThatThrownBy(() -> runtime.createContainer(ASKING, CONTAINER))
                    .hasMessage("TopologyAffinityError: 8 CPUs do not fit");
            assertThat(runtime.isConnected()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void what_cannot_be_done_once_it_was_decided_refuses_too(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = runtime(version)) {
            node.lateRefusal = new Refusal("PodsliceError", Refusal.Kind.INTERNAL, "state.json: disk full");
            assertThatThrownBy(() -> runtime.runPodSandbox(ASKING)).hasMessage("PodsliceError: state.json: disk full");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void an_update_keeps_what_was_decided_and_the_swap_that_there_is(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = runtime(version)) {
            Container.Builder running = CONTAINER.toBuilder();
            running.getLinuxBuilder()
                    .getResourcesBuilder()
                    .getCpuBuilder()
                    .setCpus("2-3")
                    .setMems("0");
            running.getLinuxBuilder()
                    .getResourcesBuilder()
                    .getMemoryBuilder()
                    .getSwapBuilder()
                    .setValue((1 << 20) + 4096);
            node.verdict = () -> node.proceed(Objects.requireNonNull(node.resources)
                    .withCpuset("2-3", "0")
                    .withCpuQuota(-1, 100_000));

            List<ContainerUpdate> updates = runtime.updateContainer(
                            POD, running.build(), resources(2048, 200_000, 2 << 20))
                    .getUpdateList();

            assertThat(updates).hasSize(1);
            assertThat(updates.get(0).getContainerId()).isEqualTo("container-1");
            assertThat(updates.get(0).getIgnoreFailure()).isFalse();
            LinuxCPU cpu = updates.get(0).getLinux().getResources().getCpu();
            assertThat(cpu.getQuota().getValue()).isEqualTo(-1);
            assertThat(cpu.getCpus()).as("it has them").isEmpty();
            assertThat(updates.get(0).getLinux().getResources().getUnifiedMap())
                    .containsExactly(Map.entry("memory.swap.max", "4096"));
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void an_update_that_changes_nothing_of_ours_is_the_runtimes_own(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = runtime(version)) {
            assertThat(runtime.updateContainer(POD, CONTAINER, resources(2048, 200_000, 2 << 20))
                            .getUpdateList())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("resizing")
    void a_resize_is_checked_first_and_enforced_when_the_runtime_has_taken_it(FakeRuntime.Behaviour version)
            throws Exception {
        try (FakeRuntime runtime = runtime(version)) {
            runtime.updatePodSandbox(POD, resources(2, 0, 0), resources(4096, 400_000, 4 << 20));
            assertThat(node.told).containsExactly("resize sandbox-1");
            runtime.postUpdatePodSandbox(POD);

            assertThat(node.told).containsExactly("resize sandbox-1", "succeeded sandbox-1");
            assertThat(Objects.requireNonNull(node.resources).cpuQuotaMicros()).isEqualTo(400_000);
            assertThat(Objects.requireNonNull(node.overhead).cpuShares()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("resizing")
    void a_resize_that_another_vetoes_is_forgotten(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = runtime(version)) {
            runtime.updatePodSandbox(POD, resources(2, 0, 0), resources(4096, 400_000, 4 << 20));
            runtime.updatePodSandbox(POD, resources(2, 0, 0), resources(1024, 100_000, 1 << 20));
            runtime.stopPodSandbox(POD);
            runtime.postUpdatePodSandbox(POD);

            assertThat(node.told)
                    .containsExactly("resize sandbox-1", "resize sandbox-1", "failed", "failed", "stopped sandbox-1");
        }
    }

    @ParameterizedTest
    @MethodSource("resizing")
    void vetoes_a_resize(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = runtime(version)) {
            node.refuse("Infeasible", Refusal.Kind.EXHAUSTED, "cpu 40 of 32");
            assertThatThrownBy(() ->
                            runtime.updatePodSandbox(POD, resources(2, 0, 0), resources(40_960, 4_000_000, 4 << 20)))
                    .hasMessage("Infeasible: cpu 40 of 32");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void synchronizes_with_what_runs(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = new FakeRuntime(fixture.socket, version)) {
            runtime.accept();
            runtime.configure();
            node.containers.put("app", pinned());

            List<ContainerUpdate> updates = runtime.synchronize(
                    List.of(POD),
                    List.of(
                            CONTAINER,
                            DoorFixture.container("container-2", "log"),
                            DoorFixture.container("stray", "app").toBuilder()
                                    .setPodSandboxId("unknown")
                                    .build()));

            assertThat(updates).hasSize(1);
            assertThat(updates.get(0).getContainerId()).isEqualTo("container-1");
            assertThat(updates.get(0).getIgnoreFailure()).isTrue();
            assertThat(updates.get(0).getLinux().getResources().getCpu().getCpus())
                    .isEqualTo("2-3");
            assertThat(node.told)
                    .containsExactly(
                            "run sandbox-1",
                            "succeeded sandbox-1",
                            "create container-1",
                            "succeeded container-1",
                            "create container-2",
                            "succeeded container-2");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void synchronizes_with_ten_thousand_containers(FakeRuntime.Behaviour version) throws Exception {
        // 0.6.1 cannot split, and more than 4 MiB cannot be sent in one message.
        int count = version.splits() ? 10_000 : 1000;
        List<PodSandbox> pods = new ArrayList<>();
        List<Container> containers = new ArrayList<>();
        String padding = "x".repeat(700);
        for (int i = 0; i < count; i++) {
            pods.add(POD.toBuilder()
                    .setId("sandbox-" + i)
                    .setUid("uid-" + i)
                    .putLabels("padding", padding)
                    .build());
            containers.add(DoorFixture.container("container-" + i, "app").toBuilder()
                    .setPodSandboxId("sandbox-" + i)
                    .putAnnotations("padding", padding)
                    .build());
        }
        node.containers.put("app", pinned());
        try (FakeRuntime runtime = new FakeRuntime(fixture.socket, version)) {
            runtime.accept();
            runtime.configure();

            assertThat(runtime.synchronize(pods, containers)).hasSize(count);
            assertThat(node.told).hasSize(4 * count);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void every_call_that_the_runtime_may_make_is_answered(FakeRuntime.Behaviour version) throws Exception {
        try (FakeRuntime runtime = runtime(version)) {
            for (String method : List.of(
                    "Shutdown",
                    "PostCreateContainer",
                    "StartContainer",
                    "PostStartContainer",
                    "PostUpdateContainer",
                    "ValidateContainerAdjustment")) {
                assertThat(runtime.call(method, Empty.getDefaultInstance()).isEmpty())
                        .isTrue();
            }
            assertThatThrownBy(() -> runtime.call("Sing", Empty.getDefaultInstance()))
                    .hasMessage("method nri.pkg.api.v1alpha1.Plugin.Sing is not implemented");
        }
    }
}
