package io.podslice.simulator.runtime;

import io.grpc.stub.ServerCallStreamObserver;
import io.podslice.proto.cri.v1.ContainerEventResponse;
import io.podslice.proto.cri.v1.ContainerEventType;
import io.podslice.proto.cri.v1.ContainerStatus;
import io.podslice.proto.cri.v1.PodSandboxStatus;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The open GetContainerEvents streams; each gets every event from its opening on. */
final class EventHub {
    private final List<ServerCallStreamObserver<ContainerEventResponse>> streams = new CopyOnWriteArrayList<>();

    void open(ServerCallStreamObserver<ContainerEventResponse> stream) {
        stream.setOnCancelHandler(() -> streams.remove(stream));
        streams.add(stream);
    }

    void send(
            String id,
            ContainerEventType type,
            long nanos,
            PodSandboxStatus sandbox,
            List<ContainerStatus> containers) {
        ContainerEventResponse event = ContainerEventResponse.newBuilder()
                .setContainerId(id)
                .setContainerEventType(type)
                .setCreatedAt(nanos)
                .setPodSandboxStatus(sandbox)
                .addAllContainersStatuses(containers)
                .build();
        streams.forEach(stream -> stream.onNext(event));
    }
}
