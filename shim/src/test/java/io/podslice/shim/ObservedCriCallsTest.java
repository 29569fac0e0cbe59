package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.podslice.proto.cri.v1.StopPodSandboxRequest;
import io.podslice.shim.GrpcClient.Seen;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stop and Remove pass, and the brain hears of those that succeeded. */
class ObservedCriCallsTest {
    private CriRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new CriRig();
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    /** The id is field 1 of all four. */
    private static byte[] request(String id) {
        return StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build().toByteArray();
    }

    @ParameterizedTest
    @CsvSource({
        "StopPodSandbox, podSandboxStopped",
        "RemovePodSandbox, podSandboxRemoved",
        "StartContainer, containerStarted",
        "StopContainer, containerStopped",
        "RemoveContainer, containerRemoved"
    })
    void isToldBeforeTheClientSeesIt(String method, String told) throws Exception {
        byte[] reply = {0x08, 1};
        rig.runtime.answer(CriRig.SERVICE + method, reply);
        assertThat(rig.client.unary(CriRig.SERVICE + method, request("x1")).bytes())
                .isEqualTo(reply);
        assertThat(rig.node.told).containsExactly(told + " x1");
        assertThat(rig.runtime.nextRequest()).isEqualTo(request("x1"));
    }

    @ParameterizedTest
    @CsvSource({"StopPodSandbox", "RemovePodSandbox", "StopContainer", "RemoveContainer"})
    void whatFailedIsNotTold(String method) {
        rig.runtime.fail(CriRig.SERVICE + method, Status.UNAVAILABLE.withDescription("busy"));
        Seen seen = rig.client.unary(CriRig.SERVICE + method, request("x1"));
        assertThat(seen.status().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(seen.message()).isEqualTo("busy");
        assertThat(rig.node.told).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"StopPodSandbox", "RemovePodSandbox", "StopContainer", "RemoveContainer"})
    void aRequestThatCannotBeReadIsLeftToTheRuntime(String method) {
        byte[] noMessage = {(byte) 0xff};
        rig.runtime.answer(CriRig.SERVICE + method, new byte[0]);
        assertThat(rig.client.unary(CriRig.SERVICE + method, noMessage).bytes()).isEmpty();
        assertThat(rig.node.told).isEmpty();
    }
}
