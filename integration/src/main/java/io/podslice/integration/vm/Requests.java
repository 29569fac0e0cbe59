package io.podslice.integration.vm;

import io.grpc.StatusRuntimeException;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kubelet.RunningPod;

/** Makes single calls, outside the kubelet's sequences. */
final class Requests {
    private static final int TRIES = 600;

    private Requests() {}

    /** Returns a request for another memory limit of a pod, in bytes. */
    static UpdatePodSandboxResourcesRequest podMemory(RunningPod pod, long bytes) {
        return UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId(pod.sandboxId())
                .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(bytes))
                .build();
    }

    /** Waits until podslice serves again, for more than a minute. */
    static void awaitServed(CriClient cri) throws InterruptedException {
        for (int tried = 0; tried < TRIES; tried++) {
            try {
                var _ = cri.runtime().withWaitForReady().version(VersionRequest.getDefaultInstance());
                return;
            } catch (StatusRuntimeException e) {
                Thread.sleep(200);
            }
        }
        throw new IllegalStateException("podslice does not serve again");
    }
}
