package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.CreateContainerResponse;
import io.podslice.shim.GrpcClient.Seen;
import io.podslice.shim.tap.TapOptions;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A runtime that is not there, restarts or hangs: clients see what they would see without the shim between. */
class FailingRuntimeTest {
    private static final String CREATE = CriRig.SERVICE + "CreateContainer";
    private static final String VERSION = CriRig.SERVICE + "Version";
    private static final byte[] REQUEST =
            CreateContainerRequest.newBuilder().setPodSandboxId("sb1").build().toByteArray();
    private static final byte[] CREATED =
            CreateContainerResponse.newBuilder().setContainerId("c1").build().toByteArray();

    private CriRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new CriRig();
        serve();
    }

    private void serve() {
        rig.runtime.answer(CREATE, CREATED).answer(VERSION, CREATED);
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    /** A client of its own: grpc-java waits a second before it connects anew. */
    private Status tryOnce(String method, long deadlineMillis) {
        try (GrpcClient client = new GrpcClient(rig.shimSocket())) {
            return client.unary(
                            method,
                            REQUEST,
                            new Metadata(),
                            CallOptions.DEFAULT.withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS))
                    .status();
        }
    }

    @Test
    void absentItIsUnavailableAndServedOnceItIsThere() throws Exception {
        rig.runtime.stop();
        Files.deleteIfExists(rig.runtimeSocket());
        assertThat(tryOnce(VERSION, 20_000).getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(tryOnce(CREATE, 20_000).getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(rig.node.told).isEmpty();
        rig.runtime.start();
        assertThat(tryOnce(VERSION, 20_000)).isEqualTo(Status.OK);
        assertThat(tryOnce(CREATE, 20_000)).isEqualTo(Status.OK);
    }

    @Test
    void restartedItServesTheSameClientAgain() throws Exception {
        assertThat(rig.client.unary(CREATE, REQUEST).bytes()).isEqualTo(CREATED);
        rig.runtime.stop();
        assertThat(tryOnce(VERSION, 20_000).getCode()).isEqualTo(Code.UNAVAILABLE);
        rig.runtime.start();
        CallOptions waiting = GrpcClient.patient().withWaitForReady();
        Seen seen = rig.client.unary(CREATE, REQUEST, new Metadata(), waiting);
        assertThat(seen.bytes()).isEqualTo(CREATED);
        assertThat(rig.node.told)
                .containsExactly("createContainer ", "succeeded c1", "createContainer ", "succeeded c1");
    }

    @Test
    void whileItAcceptsAndSaysNothingTheClientSeesItsOwnDeadline() throws Exception {
        rig.runtime.stop();
        Files.deleteIfExists(rig.runtimeSocket());
        List<SocketChannel> accepted = new ArrayList<>();
        Thread accepting;
        try (ServerSocketChannel hung = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            hung.bind(UnixDomainSocketAddress.of(rig.runtimeSocket()));
            accepting = Thread.ofVirtual().start(() -> acceptAll(hung, accepted));
            assertThat(tryOnce(VERSION, 300).getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
            assertThat(tryOnce(CREATE, 300).getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
        }
        accepting.join();
        for (SocketChannel channel : accepted) {
            channel.close();
        }
        assertNothingIsReserved();
        rig.runtime.start();
        assertThat(tryOnce(VERSION, 20_000)).isEqualTo(Status.OK);
        assertThat(tryOnce(CREATE, 20_000)).isEqualTo(Status.OK);
    }

    private static void acceptAll(ServerSocketChannel listening, List<SocketChannel> accepted) {
        try {
            while (true) {
                accepted.add(listening.accept());
            }
        } catch (IOException e) {
            return; // closed: the end of the test
        }
    }

    /** Every decision that let a call go on is told how that ended. */
    private void assertNothingIsReserved() throws InterruptedException {
        while (!rig.node.told.isEmpty()) {
            assertThat(rig.node.nextTold()).isEqualTo("createContainer ");
            assertThat(rig.node.nextTold()).isEqualTo("failed");
        }
    }

    /**
     * Stopped dead, its backlog fills up, and then no connection is accepted: a client is let go after the time-out.
     */
    @Test
    void whileItAcceptsNoConnectionTheClientIsClosedAfterTheTimeOut() throws Exception {
        rig.close();
        rig = new CriRig(new ShimOptions(TapOptions.defaults(), Duration.ofSeconds(2), 100), 1 << 20);
        serve();
        rig.runtime.stop();
        Files.deleteIfExists(rig.runtimeSocket());
        List<SocketChannel> waiting = new ArrayList<>();
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(rig.runtimeSocket());
        try (ServerSocketChannel hung = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            hung.bind(address, 1);
            for (int i = 0; i < 2; i++) { // a backlog of 1 takes 2
                waiting.add(SocketChannel.open(address));
            }
            assertThat(tryOnce(VERSION, 20_000).getCode()).isEqualTo(Code.UNAVAILABLE);
        } finally {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
        }
        rig.runtime.start();
        assertThat(tryOnce(VERSION, 20_000)).isEqualTo(Status.OK);
    }
}
