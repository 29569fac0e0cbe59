package io.podslice.shim.runtime;

import io.podslice.grpc.UnixSocket;
import io.podslice.proto.cri.v1.CgroupDriver;
import io.podslice.proto.cri.v1.RuntimeConfigRequest;
import io.podslice.proto.cri.v1.RuntimeConfigResponse;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.proto.cri.v1.VersionResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The runtime's own settings, as CRI's RuntimeConfig tells them. */
public final class RuntimeSettings {
    private static final String PATH = CriService.V1.path("RuntimeConfig");
    private static final String VERSION = CriService.V1.path("Version");

    private final UnixSocket runtime;

    /** @param runtime the runtime's own socket */
    public RuntimeSettings(UnixSocket runtime) {
        this.runtime = runtime;
    }

    /**
     * The runtime by name and version, as it writes them.
     *
     * @param name e.g. {@code containerd}
     * @param version e.g. {@code v2.1.9}
     */
    public record Version(String name, String version) {}

    /**
     * Asks for the runtime's name and version.
     *
     * @param timeoutMillis the time that the runtime has for its answer
     * @throws IOException if the runtime cannot be reached or does not answer
     */
    public Version version(long timeoutMillis) throws IOException {
        ByteBuffer message = ByteBuffer.wrap(VersionRequest.getDefaultInstance().toByteArray());
        RuntimeCall.Result result = new RuntimeCall(runtime).ask(VERSION, message, timeoutMillis);
        if (!result.isOk()) {
            throw new IOException("Version: status " + result.end());
        }
        VersionResponse response = VersionResponse.parseFrom(result.message());
        return new Version(response.getRuntimeName(), response.getRuntimeVersion());
    }

    /**
     * Asks for the cgroup driver; empty if the runtime does not tell it, as containerd before 2.0.
     *
     * @param timeoutMillis the time that the runtime has for its answer
     * @throws IOException if the runtime cannot be reached or does not answer
     */
    public Optional<CgroupDriver> cgroupDriver(long timeoutMillis) throws IOException {
        ByteBuffer message =
                ByteBuffer.wrap(RuntimeConfigRequest.getDefaultInstance().toByteArray());
        RuntimeCall.Result result = new RuntimeCall(runtime).ask(PATH, message, timeoutMillis);
        if (result.lacksMethod()) {
            return Optional.empty();
        }
        if (!result.isOk()) {
            throw new IOException("RuntimeConfig: status " + result.end());
        }
        RuntimeConfigResponse response = RuntimeConfigResponse.parseFrom(result.message());
        CgroupDriver driver = response.getLinux().getCgroupDriver();
        return response.hasLinux() && driver != CgroupDriver.UNRECOGNIZED ? Optional.of(driver) : Optional.empty();
    }
}
