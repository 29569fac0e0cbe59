package io.podslice.agent.doctor;

import io.grpc.StatusRuntimeException;
import io.podslice.agent.api.NodeApiClient;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.grpc.UnixSocket;
import io.podslice.node.PodSandboxRequest;
import io.podslice.proto.v1.NodeCondition;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.proto.v1.StatusResponse;
import io.podslice.shim.runtime.RuntimePods;
import io.podslice.shim.runtime.RuntimeSettings;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Asks the sockets themselves. */
public final class LiveProbes implements Probes {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    @Override
    public String connect(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return "";
        } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public RuntimeAnswer runtime(Path socket) throws IOException {
        RuntimeSettings runtime = new RuntimeSettings(socket(socket));
        RuntimeSettings.Version version = runtime.version(ANSWER.toMillis());
        return new RuntimeAnswer(
                version.name(),
                version.version(),
                runtime.cgroupDriver(ANSWER.toMillis()).map(LiveProbes::driver));
    }

    private static CgroupDriver driver(io.podslice.proto.cri.v1.CgroupDriver told) {
        return told == io.podslice.proto.cri.v1.CgroupDriver.SYSTEMD ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
    }

    @Override
    public List<PodSandboxRequest> pods(Path socket) throws IOException {
        return new RuntimePods(socket(socket)).ready();
    }

    private static UnixSocket socket(Path path) {
        return new UnixSocket("the runtime", path, CONNECT);
    }

    @Override
    public ApiAnswer api(Path socket) throws IOException {
        try (NodeApiClient client = new NodeApiClient(socket)) {
            StatusResponse status = client.node(ANSWER).status(StatusRequest.getDefaultInstance());
            return new ApiAnswer(
                    status.getVersion(),
                    status.getCondition() == NodeCondition.NODE_CONDITION_READY ? "" : status.getMessage());
        } catch (StatusRuntimeException e) {
            throw new IOException(String.valueOf(e.getStatus().getDescription()), e);
        }
    }
}
