package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxResponse;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.shim.GrpcClient.Seen;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is wrong with the brain: pods that ask nothing of podslice run, the others are refused. */
class FaultyBrainTest {
    private static final String RUN = CriRig.SERVICE + "RunPodSandbox";
    private static final String CREATE = CriRig.SERVICE + "CreateContainer";
    private static final String UPDATE = CriRig.SERVICE + "UpdateContainerResources";
    private static final String UPDATE_POD = CriRig.SERVICE + "UpdatePodSandboxResources";
    private static final String REMOVE = CriRig.SERVICE + "RemovePodSandbox";
    private static final String REMOVE_CONTAINER = CriRig.SERVICE + "RemoveContainer";
    private static final byte[] EMPTY = {};
    private static final byte[] NO_MESSAGE = {(byte) 0xff, 0x01};

    private CriRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new CriRig();
        serve();
    }

    private void serve() {
        rig.runtime
                .answer(
                        RUN,
                        RunPodSandboxResponse.newBuilder()
                                .setPodSandboxId("sb1")
                                .build()
                                .toByteArray())
                .answer(
                        CREATE,
                        CreateContainerResponse.newBuilder()
                                .setContainerId("c1")
                                .build()
                                .toByteArray())
                .answer(UPDATE, EMPTY)
                .answer(UPDATE_POD, EMPTY)
                .answer(REMOVE, EMPTY)
                .answer(REMOVE_CONTAINER, EMPTY);
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    private static PodSandboxConfig pod(String annotation) {
        return PodSandboxConfig.newBuilder().putAnnotations(annotation, "x").build();
    }

    private static byte[] run(String annotation) {
        return RunPodSandboxRequest.newBuilder()
                .setConfig(pod(annotation))
                .build()
                .toByteArray();
    }

    private static byte[] create() {
        return CreateContainerRequest.newBuilder()
                .setPodSandboxId("sb1")
                .build()
                .toByteArray();
    }

    private static byte[] update() {
        return UpdateContainerResourcesRequest.newBuilder()
                .setContainerId("c1")
                .build()
                .toByteArray();
    }

    private static byte[] updatePod() {
        return UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId("sb1")
                .build()
                .toByteArray();
    }

    private void passes(String method, byte[] request) throws Exception {
        rig.runtime.requests.clear();
        assertThat(rig.client.unary(method, request).status().isOk()).as(method).isTrue();
        assertThat(rig.runtime.nextRequest()).isEqualTo(request);
    }

    private void isRefused(String method, byte[] request, String why) {
        rig.runtime.requests.clear();
        Seen seen = rig.client.unary(method, request);
        assertThat(seen.status().getCode()).as(method).isEqualTo(Code.INTERNAL);
        assertThat(seen.message()).isEqualTo("PodsliceError: " + why);
        assertThat(rig.runtime.requests).isEmpty();
    }

    @Test
    void whoAsksNothingIsServed() throws Exception {
        passes(RUN, run("example.com/note"));
        passes(CREATE, create());
        rig.node.breakDown("disk full");
        passes(RUN, run("example.com/note"));
        passes(CREATE, create());
        passes(UPDATE, update());
        passes(UPDATE_POD, updatePod());
    }

    @ParameterizedTest
    @ValueSource(strings = {"podslice.io/pod-spec", "podslice.io/exclusive.app"})
    void whoAsksIsRefusedForAllItsLife(String annotation) throws Exception {
        passes(RUN, run(annotation));
        passes(CREATE, create());
        rig.node.asking.addAll(List.of("sb1", "c1"));
        rig.node.breakDown("disk full");
        isRefused(RUN, run(annotation), "disk full");
        isRefused(CREATE, create(), "disk full");
        isRefused(UPDATE, update(), "disk full");
        isRefused(UPDATE_POD, updatePod(), "disk full");
    }

    /** A pod whose sandbox was made before podslice started: its annotations come with each container. */
    @Test
    void whoAsksIsKnownByTheSandboxConfigOfItsContainer() {
        rig.node.breakDown("disk full");
        byte[] create = CreateContainerRequest.newBuilder()
                .setPodSandboxId("sb9")
                .setSandboxConfig(pod("podslice.io/pod-spec"))
                .build()
                .toByteArray();
        isRefused(CREATE, create, "disk full");
    }

    @ParameterizedTest
    @ValueSource(strings = {RUN, CREATE, UPDATE, UPDATE_POD})
    void whatCannotBeParsedIsTheRuntimesMatter(String method) throws Exception {
        passes(method, NO_MESSAGE);
        assertThat(rig.node.told).isEmpty();
    }

    /** The runtime might read what we cannot: a promise must not be passed by. */
    @ParameterizedTest
    @ValueSource(strings = {RUN, CREATE, UPDATE, UPDATE_POD})
    void whatCannotBeParsedAndNamesAnAnnotationIsRefused(String method) {
        byte[] request = ByteString.copyFrom(run("podslice.io/pod-spec"))
                .concat(ByteString.copyFrom(NO_MESSAGE))
                .toByteArray();
        Seen seen = rig.client.unary(method, request);
        assertThat(seen.status().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(seen.message()).startsWith("request with annotations of podslice cannot be parsed: ");
        assertThat(rig.runtime.requests).isEmpty();
        assertThat(rig.node.told).isEmpty();
    }

    @Test
    void aBrainThatThinksTooLongIsAFaultToo() throws Exception {
        rig.close();
        rig = CriRig.deciding(Duration.ofMillis(50));
        serve();
        CountDownLatch thought = new CountDownLatch(1);
        rig.node.verdict = () -> {
            try {
                thought.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return rig.node.proceed();
        };
        isRefused(
                RUN,
                run("podslice.io/pod-spec"),
                "podslice cannot decide on this pod, which asks for it by its annotations or its pod-level resources: no decision within 50 ms");
        passes(RUN, run("example.com/note"));
        rig.node.told.clear();
        thought.countDown();
        // Both decisions come too late to count: what they reserved is given back.
        assertThat(rig.node.nextTold()).isEqualTo("failed");
        assertThat(rig.node.nextTold()).isEqualTo("failed");
    }
}
