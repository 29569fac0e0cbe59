package io.podslice.shim.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.podslice.grpc.UnixSocket;
import io.podslice.node.Door;
import io.podslice.node.RuntimeContents;
import io.podslice.node.brain.Promise;
import io.podslice.proto.cri.v1.Container;
import io.podslice.proto.cri.v1.ContainerMetadata;
import io.podslice.proto.cri.v1.ContainerResources;
import io.podslice.proto.cri.v1.ContainerState;
import io.podslice.proto.cri.v1.ContainerStatus;
import io.podslice.proto.cri.v1.ContainerStatusResponse;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.ListContainersResponse;
import io.podslice.proto.cri.v1.ListPodSandboxResponse;
import io.podslice.proto.cri.v1.PodSandbox;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import io.podslice.proto.cri.v1.PodSandboxState;
import io.podslice.proto.cri.v1.PodSandboxStatusRequest;
import io.podslice.proto.cri.v1.PodSandboxStatusResponse;
import io.podslice.shim.GrpcRuntime;
import io.podslice.shim.ScriptedNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The brain is told what the runtime has whenever that begins to serve. */
class RuntimeWatchTest {
    private static final String SERVICE = "runtime.v1.RuntimeService/";

    @TempDir
    private Path folder;

    private final ScriptedNode node = new ScriptedNode();
    private final AtomicInteger statuses = new AtomicInteger();
    private GrpcRuntime runtime;

    @BeforeEach
    void start() throws IOException {
        runtime = new GrpcRuntime(folder.resolve("s"));
        runtime.answer(
                SERVICE + "ListPodSandbox",
                ListPodSandboxResponse.newBuilder()
                        .addItems(sandbox("sb1", PodSandboxState.SANDBOX_READY))
                        .addItems(sandbox("sb0", PodSandboxState.SANDBOX_NOTREADY))
                        .build()
                        .toByteArray());
        runtime.answer(
                SERVICE + "ListContainers",
                ListContainersResponse.newBuilder()
                        .addContainers(container("c1", ContainerState.CONTAINER_RUNNING))
                        .addContainers(container("c0", ContainerState.CONTAINER_EXITED))
                        .build()
                        .toByteArray());
        status("PodSandboxStatus", sandboxStatus());
        status(
                "ContainerStatus",
                ContainerStatusResponse.newBuilder()
                        .setStatus(ContainerStatus.newBuilder()
                                .setResources(ContainerResources.newBuilder()
                                        .setLinux(LinuxContainerResources.newBuilder()
                                                .setCpuQuota(-1))))
                        .build()
                        .toByteArray());
    }

    @AfterEach
    void stop() {
        runtime.close();
    }

    private static PodSandbox sandbox(String id, PodSandboxState state) {
        return PodSandbox.newBuilder()
                .setId(id)
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setUid("u1")
                        .setNamespace("default")
                        .setName("web"))
                .setState(state)
                .setCreatedAt(7)
                .putAnnotations("podslice.io/pod-spec", "{}")
                .build();
    }

    private static Container container(String id, ContainerState state) {
        return Container.newBuilder()
                .setId(id)
                .setPodSandboxId("sb1")
                .setMetadata(ContainerMetadata.newBuilder().setName("app"))
                .setState(state)
                .setCreatedAt(8)
                .build();
    }

    private static byte[] sandboxStatus() {
        return PodSandboxStatusResponse.newBuilder()
                .putInfo(
                        "info",
                        "{\"config\":{\"linux\":{\"cgroup_parent\":\"/kubepods/podu1\",\"resources\":{\"cpu_quota\":300}}}}")
                .build()
                .toByteArray();
    }

    private void status(String method, byte[] reply) {
        runtime.unary(SERVICE + method, (request, observer) -> {
            statuses.incrementAndGet();
            observer.onNext(reply);
            observer.onCompleted();
        });
    }

    private RuntimeWatch watch() {
        return RuntimeWatch.start(
                Promise.about(node).door(Door.CRI),
                new UnixSocket("the runtime", folder.resolve("s"), Duration.ofSeconds(5)));
    }

    @Test
    void theBrainLearnsWhatTheListsAndStatusesTell() throws Exception {
        try (RuntimeWatch watch = watch()) {
            RuntimeContents contents = node.nextSynchronized();
            assertThat(contents.sandboxes())
                    .extracting(RuntimeContents.Sandbox::id, RuntimeContents.Sandbox::ready)
                    .containsExactly(tuple("sb1", true), tuple("sb0", false));
            RuntimeContents.Sandbox sandbox = contents.sandboxes().getFirst();
            assertThat(sandbox.createdAtNanos()).isEqualTo(7);
            assertThat(sandbox.pod().uid()).isEqualTo("u1");
            assertThat(sandbox.pod().annotations()).containsEntry("podslice.io/pod-spec", "{}");
            assertThat(sandbox.pod().cgroupParent()).isEqualTo("/kubepods/podu1");
            assertThat(sandbox.pod().resources().cpuQuotaMicros()).isEqualTo(300);
            RuntimeContents.Container container = contents.containers().getFirst();
            assertThat(container.name()).isEqualTo("app");
            assertThat(container.sandboxId()).isEqualTo("sb1");
            assertThat(container.live()).isTrue();
            assertThat(container.resources().cpuQuotaMicros()).isEqualTo(-1);
            assertThat(contents.containers().getLast().live()).isFalse();
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void ofWhatIsKnownTheListsAreEnough() throws Exception {
        node.known = Set.of("sb1", "c1");
        try (RuntimeWatch watch = watch()) {
            assertThat(node.nextSynchronized().sandboxes()).hasSize(2);
            assertThat(statuses).hasValue(0);
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void whatWentBetweenListAndStatusIsNotThere() throws Exception {
        runtime.fail(SERVICE + "PodSandboxStatus", Status.NOT_FOUND);
        runtime.fail(SERVICE + "ContainerStatus", Status.NOT_FOUND);
        try (RuntimeWatch watch = watch()) {
            RuntimeContents contents = node.nextSynchronized();
            assertThat(contents.sandboxes()).noneMatch(RuntimeContents.Sandbox::ready);
            assertThat(contents.containers()).noneMatch(RuntimeContents.Container::live);
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void aRuntimeThatComesBackIsAskedAgain() throws Exception {
        try (RuntimeWatch watch = watch()) {
            assertThat(node.nextSynchronized().sandboxes()).hasSize(2);
            runtime.stop();
            runtime.start();
            assertThat(node.nextSynchronized().sandboxes()).hasSize(2);
            assertThat(node.synchronizedWith).as("once each time").isEmpty();
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void aRuntimeThatIsNotThereYetIsWaitedFor() throws Exception {
        runtime.stop();
        Files.deleteIfExists(folder.resolve("s"));
        try (RuntimeWatch watch = watch()) {
            runtime.start();
            assertThat(node.nextSynchronized().sandboxes()).hasSize(2);
            assertThat(watch).isNotNull();
        }
    }

    /** As containerd says while it reads its own state. */
    @Test
    void aRuntimeThatCannotAnswerYetIsAskedAgain() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        byte[] reply = ListPodSandboxResponse.getDefaultInstance().toByteArray();
        runtime.on(MethodType.UNARY, SERVICE + "ListPodSandbox", ServerCalls.asyncUnaryCall((request, observer) -> {
            if (asked.incrementAndGet() < 3) {
                observer.onError(Status.UNAVAILABLE
                        .withDescription("server is not initialized yet")
                        .asRuntimeException());
            } else {
                observer.onNext(reply);
                observer.onCompleted();
            }
        }));
        try (RuntimeWatch watch = watch()) {
            assertThat(node.nextSynchronized().sandboxes()).isEmpty();
            assertThat(asked).hasValue(3);
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void theStatusOfASandboxIsAskedForVerbosely() throws Exception {
        runtime.answer(SERVICE + "PodSandboxStatus", sandboxStatus());
        runtime.answer(SERVICE + "ListContainers", new byte[0]);
        try (RuntimeWatch watch = watch()) {
            assertThat(node.nextSynchronized().sandboxes()).hasSize(2);
            byte[] last = {};
            while (!runtime.requests.isEmpty()) {
                last = runtime.nextRequest();
            }
            assertThat(PodSandboxStatusRequest.parseFrom(last))
                    .isEqualTo(PodSandboxStatusRequest.newBuilder()
                            .setPodSandboxId("sb1")
                            .setVerbose(true)
                            .build());
            assertThat(watch).isNotNull();
        }
    }

    /** It may not hold up podslice's end. */
    @Test
    void closedWhileTheRuntimeHangsItEnds() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        runtime.unary(SERVICE + "ListPodSandbox", (request, observer) -> asked.countDown());
        RuntimeWatch watch = watch();
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        watch.close();
        assertThat(node.synchronizedWith).isEmpty();
    }
}
