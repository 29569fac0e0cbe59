package io.podslice.shim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.podslice.grpc.UnixSocket;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.proto.cri.v1.ContainerResources;
import io.podslice.proto.cri.v1.ContainerStatus;
import io.podslice.proto.cri.v1.ContainerStatusRequest;
import io.podslice.proto.cri.v1.ContainerStatusResponse;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.shim.GrpcRuntime;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that tell the runtime of containers resized without it, and that ask for what it has stored. */
class RuntimeContainersTest {
    private static final String METHOD = "runtime.v1.RuntimeService/UpdateContainerResources";
    private static final String STATUS = "runtime.v1.RuntimeService/ContainerStatus";
    private static final LinuxResources RESOURCES =
            LinuxResources.NONE.withCpuset("0-1", "0").withCpuQuota(-1, 100_000).withMemoryLimit(1 << 20);

    @TempDir
    private Path folder;

    private RuntimeContainers containers() {
        return new RuntimeContainers(new UnixSocket("the runtime", folder.resolve("s"), Duration.ofSeconds(5)));
    }

    @Test
    void itIsToldAllThatIsKnown() throws Exception {
        try (GrpcRuntime runtime = new GrpcRuntime(folder.resolve("s"))) {
            runtime.answer(METHOD, new byte[0]);

            assertThat(containers().update("c", RESOURCES)).isTrue();

            UpdateContainerResourcesRequest told = UpdateContainerResourcesRequest.parseFrom(runtime.nextRequest());
            assertThat(told.getContainerId()).isEqualTo("c");
            assertThat(CriRecords.resources(told.getLinux())).isEqualTo(RESOURCES);
        }
    }

    @Test
    void aContainerThatItDoesNotKnowNeedsNoMore() throws Exception {
        try (GrpcRuntime runtime = new GrpcRuntime(folder.resolve("s"))) {
            runtime.fail(METHOD, Status.NOT_FOUND);

            assertThat(containers().update("c", RESOURCES)).isTrue();
        }
    }

    @Test
    void oneThatRefusesOrIsAwayIsToBeToldAgain() throws Exception {
        assertThat(containers().update("c", RESOURCES)).isFalse();
        try (GrpcRuntime runtime = new GrpcRuntime(folder.resolve("s"))) {
            runtime.fail(METHOD, Status.UNKNOWN.withDescription("no"));

            assertThat(containers().update("c", RESOURCES)).isFalse();
        }
    }

    @Test
    void itIsAskedForTheMemoryLimitThatItHasStored() throws Exception {
        assertThat(containers().storedMemoryLimit("c")).as("it is away").isZero();
        try (GrpcRuntime runtime = new GrpcRuntime(folder.resolve("s"))) {
            ContainerStatusResponse stored = ContainerStatusResponse.newBuilder()
                    .setStatus(ContainerStatus.newBuilder()
                            .setResources(ContainerResources.newBuilder()
                                    .setLinux(
                                            LinuxContainerResources.newBuilder().setMemoryLimitInBytes(64 << 20))))
                    .build();
            runtime.answer(STATUS, stored.toByteArray());

            assertThat(containers().storedMemoryLimit("c")).isEqualTo(64 << 20);

            assertThat(ContainerStatusRequest.parseFrom(runtime.nextRequest()).getContainerId())
                    .isEqualTo("c");
        }
    }

    @Test
    void oneThatKnowsNoSuchContainerHasNoLimitStored() throws Exception {
        try (GrpcRuntime runtime = new GrpcRuntime(folder.resolve("s"))) {
            runtime.fail(STATUS, Status.NOT_FOUND);

            assertThat(containers().storedMemoryLimit("c")).isZero();
        }
    }
}
