package io.podslice.cluster.fleet;

import io.podslice.cluster.pod.PodMetadata;
import io.podslice.cluster.pod.PodReader;
import io.podslice.cluster.wire.Fields;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.SpecSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads one encoded {@code k8s.io.api.core.v1.Pod} as a pod of the fleet. */
final class FleetPodReader {
    private static final int METADATA = 1 << Fields.TYPE | Fields.BYTES;
    private static final int SPEC = 2 << Fields.TYPE | Fields.BYTES;
    private static final int STATUS = 3 << Fields.TYPE | Fields.BYTES;

    private static final int ANNOTATIONS = 12 << Fields.TYPE | Fields.BYTES;
    private static final int KEY = 1 << Fields.TYPE | Fields.BYTES;
    private static final int NODE_NAME = 10 << Fields.TYPE | Fields.BYTES;

    private static final int PHASE = 1 << Fields.TYPE | Fields.BYTES;
    private static final int CONDITIONS = 2 << Fields.TYPE | Fields.BYTES;
    private static final int CONDITION_TYPE = 1 << Fields.TYPE | Fields.BYTES;
    private static final int CONDITION_STATUS = 2 << Fields.TYPE | Fields.BYTES;
    private static final int CONDITION_REASON = 5 << Fields.TYPE | Fields.BYTES;

    private static final byte[] PENDING = "PodResizePending".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] IN_PROGRESS = "PodResizeInProgress".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRUE = "True".getBytes(StandardCharsets.US_ASCII);

    private static final int LONGEST_NAME = 253;
    private static final int LONGEST_KEY = 512;
    private static final int LONGEST_REASON = 1024;

    private static final PodSpec NO_SPEC = new PodSpec(ResourceRequirements.NONE, List.of());

    private String node = "";
    private String phase = "";
    private String pending = "";
    private boolean isInProgress;
    private boolean isAnnotated;

    private FleetPodReader() {}

    /**
     * Reads a pod; one whose spec alone cannot be read is a pod too.
     *
     * @param metadata the pod's own
     * @throws UnreadableException if it is no pod
     */
    static FleetPod read(PodMetadata metadata, ByteBuffer pod) throws UnreadableException {
        FleetPodReader reader = new FleetPodReader();
        Fields fields = Fields.of(pod);
        while (fields.next()) {
            switch (fields.tag()) {
                case METADATA -> reader.metadata(fields.message());
                case SPEC -> reader.spec(fields.message());
                case STATUS -> reader.status(fields.message());
                default -> {
                    // A pod has no other fields.
                }
            }
        }
        PodSpec spec = NO_SPEC;
        String problem = "";
        try {
            spec = PodReader.read(SpecSource.API_SERVER, pod).spec();
        } catch (UnreadableException e) {
            problem = String.valueOf(e.getMessage());
        }
        String resize = reader.pending.isEmpty() && reader.isInProgress ? "InProgress" : reader.pending;
        return new FleetPod(
                metadata.uid(),
                metadata.namespace(),
                metadata.name(),
                reader.node,
                reader.phase,
                resize,
                reader.isAnnotated,
                spec,
                problem);
    }

    private void metadata(Fields metadata) throws UnreadableException {
        while (metadata.next()) {
            if (metadata.tag() == ANNOTATIONS) {
                Fields entry = metadata.message();
                while (entry.next()) {
                    isAnnotated |= entry.tag() == KEY
                            && entry.text("metadata.annotations", LONGEST_KEY).startsWith(PodAnnotations.PREFIX);
                }
            }
        }
    }

    private void spec(Fields spec) throws UnreadableException {
        while (spec.next()) {
            if (spec.tag() == NODE_NAME) {
                node = spec.text("spec.nodeName", LONGEST_NAME);
            }
        }
    }

    private void status(Fields status) throws UnreadableException {
        while (status.next()) {
            switch (status.tag()) {
                case PHASE -> phase = status.text("status.phase", LONGEST_NAME);
                case CONDITIONS -> condition(status.message());
                default -> {
                    // Of no meaning here.
                }
            }
        }
    }

    private void condition(Fields condition) throws UnreadableException {
        boolean isPending = false;
        boolean isProgress = false;
        boolean isTrue = false;
        String reason = "";
        while (condition.next()) {
            switch (condition.tag()) {
                case CONDITION_TYPE -> {
                    isPending = condition.is(PENDING);
                    isProgress = condition.is(IN_PROGRESS);
                }
                case CONDITION_STATUS -> isTrue = condition.is(TRUE);
                case CONDITION_REASON -> reason = condition.text("status.conditions.reason", LONGEST_REASON);
                default -> {
                    // Message and times are for people.
                }
            }
        }
        isInProgress |= isProgress && isTrue;
        if (isPending && isTrue) {
            pending = reason.isEmpty() ? "Pending" : reason;
        }
    }
}
