package io.podslice.cluster.podsapi;

import io.podslice.cluster.pod.PodMetadata;
import io.podslice.cluster.pod.PodReader;
import io.podslice.cluster.wire.Fields;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import java.nio.ByteBuffer;

/** An event of the watch. */
sealed interface PodEvent {

    /** A pod is there, or has changed. */
    record Present(KnownPod pod, boolean added) implements PodEvent {}

    /** A pod has ended for good: it has no containers any more. */
    record Deleted(String uid) implements PodEvent {}

    /** All pods that the kubelet knew have been sent. */
    record ListComplete() implements PodEvent {}

    /** An event of a kind that podslice does not know, from a newer kubelet. */
    record Unknown() implements PodEvent {}

    /**
     * Reads an encoded {@code WatchPodsEvent}.
     *
     * @throws UnreadableException if it is none, or its pod cannot be read
     */
    static PodEvent read(ByteBuffer message) throws UnreadableException {
        return Encoded.of(message).event();
    }

    /** The two fields of an event. */
    record Encoded(long type, ByteBuffer pod) {
        private static final int TYPE = 1 << Fields.TYPE | Fields.NUMBER;
        private static final int POD = 2 << Fields.TYPE | Fields.BYTES;

        private static final int ADDED = 1;
        private static final int MODIFIED = 2;
        private static final int DELETED = 3;
        private static final int INITIAL_SYNC_COMPLETE = 4;

        private static Encoded of(ByteBuffer message) throws UnreadableException {
            long type = 0;
            ByteBuffer pod = ByteBuffer.allocate(0);
            Fields fields = Fields.of(message);
            while (fields.next()) {
                switch (fields.tag()) {
                    case TYPE -> type = fields.number();
                    case POD -> pod = fields.content();
                    default -> {
                        // An event has no other fields.
                    }
                }
            }
            return new Encoded(type, pod);
        }

        private PodEvent event() throws UnreadableException {
            return switch ((int) type) {
                case ADDED -> new Present(known(), true);
                case MODIFIED -> new Present(known(), false);
                case DELETED -> new Deleted(PodMetadata.of(pod).uid());
                case INITIAL_SYNC_COMPLETE -> new ListComplete();
                default -> new Unknown();
            };
        }

        private KnownPod known() throws UnreadableException {
            try {
                return PodReader.read(SpecSource.PODS_API, pod);
            } catch (UnreadableException e) {
                PodMetadata metadata = PodMetadata.of(pod);
                throw new UnreadableException(
                        "pod " + metadata.namespace() + "/" + metadata.name(), String.valueOf(e.getMessage()));
            }
        }
    }
}
