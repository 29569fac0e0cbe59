package io.podslice.agent.publish;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.agent.api.NodeApiClient;
import io.podslice.managers.pod.Printable;
import io.podslice.proto.podresources.v1.AllocatableResourcesRequest;
import io.podslice.proto.podresources.v1.ListPodResourcesRequest;
import io.podslice.proto.podresources.v1.ListPodResourcesResponse;
import io.podslice.proto.podresources.v1.PodResourcesListerGrpc;
import io.podslice.proto.podresources.v1.PodResourcesListerGrpc.PodResourcesListerBlockingStub;
import io.podslice.proto.v1.NodeCondition;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.proto.v1.StatusResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads the node API. For one thread. */
final class NodeReader {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int LONGEST = 300;

    private final Path socket;
    private final NodeApiClient client;
    private final Notices notices;

    NodeReader(Path socket, NodeApiClient client, Notices notices) {
        this.socket = socket;
        this.client = client;
        this.notices = notices;
    }

    /**
     * Reads the node. The kubelet's pods come first: the fingerprint then covers no pod that podslice's account is too old for.
     *
     * @throws IOException if podslice does not answer, or manages no pods
     */
    NodeReading read() throws IOException {
        Optional<NodeReading.Devices> devices;
        String missing = "";
        try {
            devices = Optional.of(devices());
        } catch (StatusRuntimeException e) {
            devices = Optional.empty();
            missing = "the object has no devices and no fingerprint of the pods, since the kubelet does not tell them: "
                    + text(e.getStatus());
        }
        StatusResponse node;
        try {
            node = client.node(PATIENCE).status(StatusRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            throw new IOException("the node API at " + socket + ": " + text(e.getStatus()), e);
        }
        if (node.getCondition() != NodeCondition.NODE_CONDITION_READY) {
            throw new IOException("podslice is not ready: " + Printable.of(node.getMessage(), LONGEST));
        }
        if (!node.hasSupply()) {
            throw new IOException("the podslice at " + socket + " is an older one, which does not tell what is free");
        }
        notices.say("devices", missing);
        return new NodeReading(node, devices);
    }

    private NodeReading.Devices devices() {
        ListPodResourcesResponse pods = lister().list(ListPodResourcesRequest.getDefaultInstance());
        return new NodeReading.Devices(
                pods, lister().getAllocatableResources(AllocatableResourcesRequest.getDefaultInstance()));
    }

    private PodResourcesListerBlockingStub lister() {
        return PodResourcesListerGrpc.newBlockingStub(client.channel())
                .withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String text(Status status) {
        String text = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        @Nullable Throwable cause = status.getCause();
        return Printable.of(cause == null ? text : text + " (" + cause.getMessage() + ")", LONGEST);
    }
}
