package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Refusal;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerMetadata;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.proto.cri.v1.HugepageLimit;
import io.podslice.proto.cri.v1.LinuxContainerConfig;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.LinuxPodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxResponse;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.shim.GrpcClient.Seen;
import io.podslice.shim.runtime.CriRecords;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RunPodSandbox, CreateContainer and UpdateContainerResources: let through, rewritten, refused. */
class HeldCriCallsTest {
    private static final String RUN = CriRig.SERVICE + "RunPodSandbox";
    private static final String CREATE = CriRig.SERVICE + "CreateContainer";
    private static final String UPDATE = CriRig.SERVICE + "UpdateContainerResources";

    private static final byte[] SANDBOX_REPLY =
            RunPodSandboxResponse.newBuilder().setPodSandboxId("sb1").build().toByteArray();
    private static final byte[] CONTAINER_REPLY =
            CreateContainerResponse.newBuilder().setContainerId("c1").build().toByteArray();

    /** A field that a later CRI may add, at any level. */
    private static final UnknownFieldSet LATER = UnknownFieldSet.newBuilder()
            .addField(1000, Field.newBuilder().addVarint(7).build())
            .addField(
                    1001,
                    Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFromUtf8("later"))
                            .build())
            .build();

    private CriRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new CriRig();
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    private static PodSandboxConfig pod() {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setUid("uid1")
                        .setNamespace("ns")
                        .setName("web")
                        .setAttempt(2))
                .putLabels("app", "web")
                .putAnnotations("example.com/note", "hello")
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent("/kubepods/poduid1")
                        .setOverhead(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(5))
                        .setResources(LinuxContainerResources.newBuilder()
                                .setCpuQuota(300)
                                .setCpuPeriod(100))
                        .setUnknownFields(LATER))
                .setUnknownFields(LATER)
                .build();
    }

    private static byte[] run() {
        return RunPodSandboxRequest.newBuilder()
                .setConfig(pod())
                .setRuntimeHandler("kata")
                .setUnknownFields(LATER)
                .build()
                .toByteArray();
    }

    private static CreateContainerRequest create(LinuxContainerResources resources) {
        return CreateContainerRequest.newBuilder()
                .setPodSandboxId("sb1")
                .setConfig(ContainerConfig.newBuilder()
                        .setMetadata(
                                ContainerMetadata.newBuilder().setName("app").setAttempt(1))
                        .addCommand("sleep")
                        .putLabels("a", "b")
                        .setLinux(LinuxContainerConfig.newBuilder()
                                .setResources(resources)
                                .setUnknownFields(LATER))
                        .setUnknownFields(LATER))
                .setSandboxConfig(pod())
                .setUnknownFields(LATER)
                .build();
    }

    private static LinuxContainerResources asked() {
        return LinuxContainerResources.newBuilder()
                .setCpuPeriod(100_000)
                .setCpuQuota(200_000)
                .setCpuShares(2048)
                .setMemoryLimitInBytes(1 << 30)
                .setMemorySwapLimitInBytes(1 << 30)
                .setOomScoreAdj(-997)
                .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(4 << 20))
                .putUnified("memory.high", "max")
                .setUnknownFields(LATER)
                .build();
    }

    private static LinuxResources decided() {
        return new LinuxResources(
                new LinuxResources.Cpu(100_000, -1, 2048),
                new LinuxResources.Memory(1 << 30, 1 << 30),
                new LinuxResources.Cpuset("2-3", "0"),
                -997,
                Map.of("2MB", 4L << 20),
                Map.of("memory.high", "max"));
    }

    // ---- Let through

    @Test
    void aPodGoesOnByteForByteAndTheBrainHearsTheIdBeforeTheClient() throws Exception {
        rig.runtime.answer(RUN, SANDBOX_REPLY);
        Seen seen = rig.client.unary(RUN, run());
        assertThat(rig.node.told).containsExactly("runPodSandbox uid1", "succeeded sb1");
        assertThat(seen.bytes()).isEqualTo(SANDBOX_REPLY);
        assertThat(rig.runtime.nextRequest()).isEqualTo(run());
    }

    @Test
    void theBrainSeesThePodAsItIs() {
        rig.runtime.answer(RUN, SANDBOX_REPLY);
        assertThat(rig.client.unary(RUN, run()).status()).isEqualTo(Status.OK);
        assertThat(rig.node.sandbox).isEqualTo(CriRecords.sandbox(pod()));
        assertThat(rig.node.sandbox).satisfies(pod -> {
            assertThat(pod.uid()).isEqualTo("uid1");
            assertThat(pod.namespace()).isEqualTo("ns");
            assertThat(pod.name()).isEqualTo("web");
            assertThat(pod.attempt()).isEqualTo(2);
            assertThat(pod.cgroupParent()).isEqualTo("/kubepods/poduid1");
            assertThat(pod.labels()).containsOnly(Map.entry("app", "web"));
            assertThat(pod.annotations()).containsOnly(Map.entry("example.com/note", "hello"));
            assertThat(pod.resources().cpuQuotaMicros()).isEqualTo(300);
            assertThat(pod.resources().cpuPeriodMicros()).isEqualTo(100);
            assertThat(pod.overhead().memoryLimitBytes()).isEqualTo(5);
        });
    }

    @Test
    void theBrainSeesTheContainerAsItIs() {
        rig.runtime.answer(CREATE, CONTAINER_REPLY);
        assertThat(rig.client.unary(CREATE, create(asked()).toByteArray()).status())
                .isEqualTo(Status.OK);
        assertThat(rig.node.container).satisfies(container -> {
            assertThat(container.sandboxId()).isEqualTo("sb1");
            assertThat(container.sandbox()).isEqualTo(CriRecords.sandbox(pod()));
            assertThat(container.name()).isEqualTo("app");
            assertThat(container.attempt()).isEqualTo(1);
            assertThat(container.labels()).containsOnly(Map.entry("a", "b"));
            assertThat(container.resources().withCpuset("2-3", "0").withCpuQuota(-1, 100_000))
                    .isEqualTo(decided());
        });
    }

    /** A request that already says what the brain decides is not encoded anew: a map's order or a field twice stays. */
    @Test
    void aContainerWhoseResourcesAreRightGoesOnByteForByte() throws Exception {
        rig.node.verdict = () -> rig.node.proceed(CriRecords.resources(asked()));
        byte[] twice = ByteString.copyFrom(create(asked()).toByteArray())
                .concat(CreateContainerRequest.newBuilder()
                        .setPodSandboxId("sb2")
                        .build()
                        .toByteString())
                .toByteArray();
        rig.runtime.answer(CREATE, CONTAINER_REPLY);
        assertThat(rig.client.unary(CREATE, twice).bytes()).isEqualTo(CONTAINER_REPLY);
        assertThat(rig.runtime.nextRequest()).isEqualTo(twice);
    }

    /** containerd 1.7 serves these beside v1. */
    @ParameterizedTest
    @ValueSource(strings = {"runtime.v1.RuntimeService/", "runtime.v1alpha2.RuntimeService/"})
    void bothVersionsOfTheServiceAreHeld(String service) throws Exception {
        rig.runtime.answer(service + "CreateContainer", CONTAINER_REPLY);
        rig.node.verdict = () -> rig.node.proceed(decided());
        assertThat(rig.client
                        .unary(service + "CreateContainer", create(asked()).toByteArray())
                        .bytes())
                .isEqualTo(CONTAINER_REPLY);
        assertThat(CreateContainerRequest.parseFrom(rig.runtime.nextRequest())
                        .getConfig()
                        .getLinux()
                        .getResources()
                        .getCpusetCpus())
                .isEqualTo("2-3");
    }

    // ---- Rewritten

    @Test
    void aContainerGetsWhatWasDecidedAndNothingElseChanges() throws Exception {
        rig.node.verdict = () -> rig.node.proceed(decided());
        rig.runtime.answer(CREATE, CONTAINER_REPLY);
        Seen seen = rig.client.unary(CREATE, create(asked()).toByteArray());
        assertThat(seen.bytes()).isEqualTo(CONTAINER_REPLY);
        assertThat(rig.node.told).containsExactly("createContainer app", "succeeded c1");
        LinuxContainerResources expected = asked().toBuilder()
                .setCpuQuota(-1)
                .setCpusetCpus("2-3")
                .setCpusetMems("0")
                .build();
        assertThat(rig.runtime.nextRequest()).isEqualTo(create(expected).toByteArray());
    }

    @Test
    void aContainerWithoutResourcesGetsThem() throws Exception {
        rig.node.verdict = () -> rig.node.proceed(LinuxResources.NONE.withCpuset("4", ""));
        rig.runtime.answer(CREATE, CONTAINER_REPLY);
        CreateContainerRequest bare =
                CreateContainerRequest.newBuilder().setPodSandboxId("sb1").build();
        assertThat(rig.client.unary(CREATE, bare.toByteArray()).bytes()).isEqualTo(CONTAINER_REPLY);
        assertThat(CreateContainerRequest.parseFrom(rig.runtime.nextRequest()))
                .isEqualTo(bare.toBuilder()
                        .setConfig(ContainerConfig.newBuilder()
                                .setLinux(LinuxContainerConfig.newBuilder()
                                        .setResources(LinuxContainerResources.newBuilder()
                                                .setCpusetCpus("4"))))
                        .build());
    }

    @Test
    void hugepagesAndUnifiedAreReplacedAsAWhole() throws Exception {
        LinuxResources decided = LinuxResources.NONE
                .withHugepageLimits(Map.of("1GB", 1L << 30))
                .withUnified(Map.of("memory.low", "0", "cpu.idle", "0"));
        rig.node.verdict = () -> rig.node.proceed(decided);
        rig.runtime.answer(CREATE, CONTAINER_REPLY);
        assertThat(rig.client.unary(CREATE, create(asked()).toByteArray()).status())
                .isEqualTo(Status.OK);
        LinuxContainerResources sent = CreateContainerRequest.parseFrom(rig.runtime.nextRequest())
                .getConfig()
                .getLinux()
                .getResources();
        assertThat(CriRecords.resources(sent)).isEqualTo(decided);
        assertThat(sent.getUnknownFields()).isEqualTo(LATER);
    }

    @Test
    void anUpdateOfAContainerIsRewrittenAndKeepsWhatIsNotKnown() throws Exception {
        rig.node.verdict = () -> rig.node.proceed(decided());
        byte[] reply = {};
        rig.runtime.answer(UPDATE, reply);
        UpdateContainerResourcesRequest request = UpdateContainerResourcesRequest.newBuilder()
                .setContainerId("c1")
                .setLinux(asked())
                .putAnnotations("x", "y")
                .setUnknownFields(LATER)
                .build();
        assertThat(rig.client.unary(UPDATE, request.toByteArray()).bytes()).isEqualTo(reply);
        assertThat(rig.node.told).containsExactly("updateContainerResources c1", "succeeded c1");
        assertThat(rig.node.resources).isEqualTo(CriRecords.resources(asked()));
        assertThat(rig.runtime.nextRequest())
                .isEqualTo(request.toBuilder()
                        .setLinux(asked().toBuilder()
                                .setCpuQuota(-1)
                                .setCpusetCpus("2-3")
                                .setCpusetMems("0"))
                        .build()
                        .toByteArray());
    }

    @Test
    void anUpdatesUnifiedFilesAreReplacedByTheDecidedOnes() throws Exception {
        LinuxContainerResources asked = asked().toBuilder()
                .clearUnified()
                .putUnified("memory.min", "1")
                .putUnified("memory.oom.group", "1")
                .build();
        Map<String, String> decided = Map.of("memory.low", "4096", "memory.high", "8192", "memory.oom.group", "1");
        rig.node.verdict = () -> rig.node.proceed(CriRecords.resources(asked).withUnified(decided));
        rig.runtime.answer(UPDATE, new byte[0]);
        UpdateContainerResourcesRequest request = UpdateContainerResourcesRequest.newBuilder()
                .setContainerId("c1")
                .setLinux(asked)
                .build();
        assertThat(rig.client.unary(UPDATE, request.toByteArray()).status()).isEqualTo(Status.OK);
        LinuxContainerResources sent = UpdateContainerResourcesRequest.parseFrom(rig.runtime.nextRequest())
                .getLinux();
        assertThat(sent)
                .isEqualTo(
                        asked.toBuilder().clearUnified().putAllUnified(decided).build());
    }

    // ---- Refused

    @ParameterizedTest
    @CsvSource({
        "INVALID, INVALID_ARGUMENT",
        "EXHAUSTED, RESOURCE_EXHAUSTED",
        "PRECONDITION, FAILED_PRECONDITION",
        "INTERNAL, INTERNAL"
    })
    void aRefusalHasTheStatusOfItsKindAndTheWholeReason(Refusal.Kind kind, Code code) {
        for (String method : new String[] {RUN, CREATE, UPDATE}) {
            rig.runtime.answer(method, SANDBOX_REPLY);
            rig.node.refuse("TopologyAffinityError", kind, "100 % of \"4\" CPUs \u2013 none left\nbut 2");
            Seen seen = rig.client.unary(method, new byte[0]);
            assertThat(seen.status().getCode()).isEqualTo(code);
            assertThat(seen.message()).isEqualTo("TopologyAffinityError: 100 % of \"4\" CPUs \u2013 none left\\nbut 2");
        }
        assertThat(rig.runtime.requests).isEmpty();
        assertThat(rig.node.told).containsExactly("runPodSandbox ", "createContainer ", "updateContainerResources ");
    }

    // ---- The runtime fails

    @ParameterizedTest
    @ValueSource(strings = {RUN, CREATE, UPDATE})
    void whatFailsHalfWayInTheRuntimeIsGivenBackBeforeTheClientHears(String method) {
        rig.runtime.fail(method, Status.UNKNOWN.withDescription("runc create failed: no such file"));
        Seen seen = rig.client.unary(method, new byte[0]);
        assertThat(seen.status().getCode()).isEqualTo(Code.UNKNOWN);
        assertThat(seen.message()).isEqualTo("runc create failed: no such file");
        assertThat(rig.node.told).hasSize(2).last().isEqualTo("failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {RUN, CREATE})
    void aReplyWithoutAReadableIdIsAFailureToTheBrainOnly(String method) {
        byte[] noMessage = {(byte) 0xff};
        rig.runtime.answer(method, noMessage);
        assertThat(rig.client.unary(method, new byte[0]).bytes()).isEqualTo(noMessage);
        assertThat(rig.node.told).hasSize(2).last().isEqualTo("failed");
    }

    @Test
    void aRuntimeThatDiesMeanwhileIsAFailure() throws Exception {
        rig.runtime.unary(CREATE, (request, observer) -> rig.runtime.requests.add(request));
        Thread killer = Thread.ofVirtual().start(() -> {
            try {
                rig.runtime.nextRequest();
                rig.runtime.stop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Seen seen = rig.client.unary(CREATE, create(asked()).toByteArray());
        killer.join();
        assertThat(seen.status().getCode()).isIn(Code.UNAVAILABLE, Code.CANCELLED);
        assertThat(rig.node.nextTold()).isEqualTo("createContainer app");
        assertThat(rig.node.nextTold()).isEqualTo("failed");
    }

    // ---- What follows cannot be done

    /** The container exists by then: the runtime's answer stands, and the log has the refusal. */
    @Test
    void aLateRefusalDoesNotTakeTheRuntimesAnswerAway() {
        rig.node.lateRefusal = new Refusal("CgroupWriteFailed", Refusal.Kind.INTERNAL, "EIO");
        rig.runtime.answer(CREATE, CONTAINER_REPLY);
        assertThat(rig.client.unary(CREATE, create(asked()).toByteArray()).bytes())
                .isEqualTo(CONTAINER_REPLY);
    }
}
