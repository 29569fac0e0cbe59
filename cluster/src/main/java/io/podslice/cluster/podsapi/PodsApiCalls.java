package io.podslice.cluster.podsapi;

import io.podslice.cluster.kubelet.CallFailedException;
import io.podslice.cluster.kubelet.KubeletSocket;
import io.podslice.cluster.kubelet.KubeletStream;
import io.podslice.cluster.pod.PodReader;
import io.podslice.cluster.source.SourceAbsentException;
import io.podslice.cluster.wire.Fields;
import io.podslice.cluster.wire.TextFields;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The calls of the kubelet's Pods API that podslice makes. Safe for use by many threads. */
final class PodsApiCalls {
    private static final String SERVICE = "v1alpha1.Pods";
    private static final int RESPONSE_POD = 1 << Fields.TYPE | Fields.BYTES;

    /** A message has one pod and some bytes around it. */
    private static final int MOST_MESSAGE_BYTES = PodReader.MOST_BYTES + 64;

    private final KubeletSocket kubelet;

    /** @param socket path of the socket file; need not exist yet */
    PodsApiCalls(Path socket) {
        this.kubelet = new KubeletSocket(
                socket,
                MOST_MESSAGE_BYTES,
                "no kubelet runs here, it is older than Kubernetes 1.36, or its feature gate PodsAPI is off");
    }

    /**
     * Asks for a pod.
     *
     * @return empty if the kubelet does not have it
     * @throws CallFailedException if the kubelet answers with an error, or not in time
     * @throws SourceAbsentException if there is no socket
     * @throws UnreadableException if its answer cannot be read, or is another pod
     * @throws IOException if it cannot be reached
     */
    Optional<KnownPod> get(String uid, Duration atMost) throws IOException {
        ByteBuffer response;
        try {
            response = kubelet.call(SERVICE, "GetPod", TextFields.encoded(uid), atMost);
        } catch (CallFailedException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
        KnownPod pod = pod(response);
        if (!pod.uid().equals(uid)) {
            throw new UnreadableException(
                    "metadata.uid", "the kubelet answered with pod \"" + pod.uid() + "\" when asked for " + uid);
        }
        return Optional.of(pod);
    }

    private static KnownPod pod(ByteBuffer response) throws UnreadableException {
        ByteBuffer pod = ByteBuffer.allocate(0);
        Fields fields = Fields.of(response);
        while (fields.next()) {
            if (fields.tag() == RESPONSE_POD) {
                pod = fields.content();
            }
        }
        return PodReader.read(SpecSource.PODS_API, pod);
    }

    /** Prepares the watch. */
    KubeletStream watch() {
        return kubelet.stream(SERVICE, "WatchPods", ByteBuffer.allocate(0));
    }
}
