package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.podslice.node.Refusal;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.PodSandboxStatusRequest;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.shim.GrpcClient.Seen;
import io.podslice.shim.runtime.CriRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UpdatePodSandboxResources: what the runtime says decides whether the pod changes. */
class UpdatePodSandboxCallsTest {
    private static final String METHOD = CriRig.SERVICE + "UpdatePodSandboxResources";
    private static final String STATUS = CriRig.SERVICE + "PodSandboxStatus";
    private static final Metadata.Key<String> TRACE = Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<byte[]> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private static final UpdatePodSandboxResourcesRequest REQUEST = UpdatePodSandboxResourcesRequest.newBuilder()
            .setPodSandboxId("sb1")
            .setOverhead(LinuxContainerResources.newBuilder().setCpuShares(2))
            .setResources(
                    LinuxContainerResources.newBuilder().setCpuQuota(400_000).setCpuPeriod(100_000))
            .build();

    /** Not empty: a field that a later CRI may have added. */
    private static final byte[] REPLY = {(byte) 0xc0, 0x3e, 7};

    private CriRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new CriRig();
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    private Seen call() {
        return rig.client.unary(METHOD, REQUEST.toByteArray());
    }

    private void expectDone(byte[] reply) {
        Seen seen = call();
        assertThat(seen.status()).isEqualTo(Status.OK);
        assertThat(seen.bytes()).isEqualTo(reply);
        assertThat(rig.node.told).containsExactly("updatePodSandboxResources sb1", "succeeded sb1");
    }

    private void expectNotDone(Code code, String message) {
        Seen seen = call();
        assertThat(seen.status().getCode()).isEqualTo(code);
        assertThat(seen.message()).isEqualTo(message);
        assertThat(rig.node.told).containsExactly("updatePodSandboxResources sb1", "failed");
    }

    @Test
    void aRuntimeThatKnowsItAnswersAndIsAskedOnce() throws Exception {
        rig.runtime.answer(METHOD, REPLY);
        expectDone(REPLY);
        assertThat(rig.runtime.nextRequest()).isEqualTo(REQUEST.toByteArray());
        assertThat(rig.runtime.requests).isEmpty();
        assertThat(rig.node.resources).isEqualTo(CriRecords.resources(REQUEST.getResources()));
        assertThat(rig.node.overhead).isEqualTo(CriRecords.resources(REQUEST.getOverhead()));
    }

    /** containerd up to 2.1. */
    @Test
    void aRuntimeThatDoesNotKnowTheMethodDoesNotStandInTheWay() {
        expectDone(new byte[0]);
    }

    /** containerd 2.2. */
    @Test
    void aRuntimeThatHasNotImplementedItDoesNotStandInTheWay() {
        rig.runtime.fail(METHOD, Status.UNKNOWN.withDescription("not implemented yet"));
        expectDone(new byte[0]);
    }

    @Test
    void aSandboxThatSuchARuntimeDoesNotHaveIsNotFound() {
        rig.runtime.fail(STATUS, Status.NOT_FOUND.withDescription("an error occurred when try to find sandbox"));
        expectNotDone(Code.NOT_FOUND, "an error occurred when try to find sandbox");
        assertThat(rig.runtime.requests)
                .singleElement()
                .isEqualTo(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId("sb1")
                        .build()
                        .toByteArray());
    }

    @Test
    void anotherUnknownErrorDoes() {
        rig.runtime.fail(METHOD, Status.UNKNOWN.withDescription("the store is broken"));
        expectNotDone(Code.UNKNOWN, "the store is broken");
    }

    /** An NRI plugin's veto, with its details. */
    @Test
    void aRefusalOfTheRuntimeIsPassedOnWithItsDetails() {
        Metadata trailers = new Metadata();
        trailers.put(DETAILS, new byte[] {1, 2, 3});
        rig.runtime.fail(METHOD, Status.FAILED_PRECONDITION.withDescription("plugin says no \u2013 100 %"), trailers);
        Seen seen = call();
        assertThat(seen.status().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(seen.message()).isEqualTo("plugin says no \u2013 100 %");
        assertThat(seen.trailers())
                .satisfies(all -> assertThat(all.get(DETAILS)).containsExactly(1, 2, 3));
        assertThat(rig.node.told).containsExactly("updatePodSandboxResources sb1", "failed");
    }

    @Test
    void metadataOfARuntimeThatAgreesReachesTheClient() {
        Metadata opening = new Metadata();
        opening.put(TRACE, "00-opening-01");
        Metadata ending = new Metadata();
        ending.put(TRACE, "00-ending-01");
        ending.put(DETAILS, new byte[] {4, 5});
        rig.runtime.on(MethodType.UNARY, METHOD, (call, headers) -> {
            call.request(2);
            return new ServerCall.Listener<>() {
                @Override
                public void onHalfClose() {
                    call.sendHeaders(opening);
                    call.sendMessage(REPLY);
                    call.close(Status.OK, ending);
                }
            };
        });
        Seen seen = call();
        assertThat(seen.status()).isEqualTo(Status.OK);
        assertThat(seen.bytes()).isEqualTo(REPLY);
        assertThat(seen.headers()).satisfies(all -> assertThat(all.get(TRACE)).isEqualTo("00-opening-01"));
        assertThat(seen.trailers()).satisfies(all -> {
            assertThat(all.get(TRACE)).isEqualTo("00-ending-01");
            assertThat(all.get(DETAILS)).containsExactly(4, 5);
        });
        assertThat(rig.node.told).containsExactly("updatePodSandboxResources sb1", "succeeded sb1");
    }

    @Test
    void theTrailersOfARefusalReachTheClient() {
        Metadata trailers = new Metadata();
        trailers.put(TRACE, "00-refused-01");
        trailers.put(DETAILS, new byte[] {1, 2, 3});
        rig.runtime.fail(METHOD, Status.RESOURCE_EXHAUSTED.withDescription("full: 100 %"), trailers);
        Seen seen = call();
        assertThat(seen.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(seen.message()).isEqualTo("full: 100 %");
        assertThat(seen.trailers()).satisfies(all -> {
            assertThat(all.get(TRACE)).isEqualTo("00-refused-01");
            assertThat(all.get(DETAILS)).containsExactly(1, 2, 3);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"runtime.v1alpha2.RuntimeService", "runtime.v2.RuntimeService"})
    void anotherServiceIsTheRuntimesToAnswer(String service) {
        Seen seen = rig.client.unary(service + "/UpdatePodSandboxResources", REQUEST.toByteArray());
        assertThat(seen.status().getCode()).isEqualTo(Code.UNIMPLEMENTED);
        assertThat(seen.message()).isEqualTo("Method not found: " + service + "/UpdatePodSandboxResources");
        assertThat(rig.node.told).isEmpty();
    }

    @Test
    void whatPodsliceRefusesTheRuntimeIsNotAsked() {
        rig.runtime.answer(METHOD, REPLY);
        rig.node.refuse("Infeasible", Refusal.Kind.EXHAUSTED, "40 CPUs of 32");
        Seen seen = call();
        assertThat(seen.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(seen.message()).isEqualTo("Infeasible: 40 CPUs of 32");
        assertThat(rig.runtime.requests).isEmpty();
    }

    @Test
    void whatCannotBeEnforcedAfterTheRuntimeAgreedIsRefused() {
        rig.runtime.answer(METHOD, REPLY);
        rig.node.lateRefusal = new Refusal("CgroupWriteFailed", Refusal.Kind.INTERNAL, "cpu.max: EIO");
        Seen seen = call();
        assertThat(seen.status().getCode()).isEqualTo(Code.INTERNAL);
        assertThat(seen.message()).isEqualTo("CgroupWriteFailed: cpu.max: EIO");
    }

    @Test
    void theRuntimeSeesTheClientsMetadataAndDeadline() throws Exception {
        LinkedBlockingQueue<Metadata> headers = new LinkedBlockingQueue<>();
        LinkedBlockingQueue<Boolean> deadlines = new LinkedBlockingQueue<>();
        rig.runtime.unary(METHOD, (request, observer) -> {
            headers.add(GrpcRuntime.HEADERS.get());
            deadlines.add(Context.current().getDeadline() != null);
            observer.onNext(REPLY);
            observer.onCompleted();
        });
        Metadata metadata = new Metadata();
        metadata.put(TRACE, "00-abc-01");
        Seen seen = rig.client.unary(METHOD, REQUEST.toByteArray(), metadata, GrpcClient.patient());
        assertThat(seen.status()).isEqualTo(Status.OK);
        assertThat(headers.take().get(TRACE)).isEqualTo("00-abc-01");
        assertThat(deadlines.take()).isTrue();
    }

    @Test
    void aCompressedRequestIsAskedUncompressed() throws Exception {
        rig.runtime.answer(METHOD, REPLY);
        Seen seen = rig.client.unary(
                METHOD,
                REQUEST.toByteArray(),
                new Metadata(),
                GrpcClient.patient().withCompression("gzip"));
        assertThat(seen.bytes()).isEqualTo(REPLY);
        assertThat(rig.runtime.nextRequest()).isEqualTo(REQUEST.toByteArray());
    }

    @Test
    void aRuntimeThatDoesNotAnswerCostsTheClientItsDeadlineAndChangesNothing() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        rig.runtime.unary(METHOD, (request, observer) -> {
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
            asked.countDown();
        });
        Seen seen = rig.client.unaryPastDeadline(METHOD, REQUEST.toByteArray(), () -> asked.getCount() == 0);
        assertThat(seen.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(rig.node.nextTold()).isEqualTo("updatePodSandboxResources sb1");
        assertThat(rig.node.nextTold()).isEqualTo("failed");
    }

    @Test
    void aRuntimeThatHasGoneIsNamedAndNothingChanges() throws Exception {
        // The connection of the client's call is there; that of podslice's own is refused.
        rig.node.verdict = () -> {
            try {
                Files.delete(rig.runtimeSocket());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return rig.node.proceed();
        };
        Seen seen = call();
        assertThat(seen.status().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(seen.message()).startsWith("the runtime cannot be asked whether it agrees: ");
        assertThat(rig.node.told).containsExactly("updatePodSandboxResources sb1", "failed");
    }
}
