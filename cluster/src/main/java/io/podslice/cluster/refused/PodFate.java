package io.podslice.cluster.refused;

import io.podslice.cluster.pod.PodMetadata;
import io.podslice.cluster.wire.Fields;
import io.podslice.node.PodSandboxRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The part of a pod that decides if it may be made to fail.
 *
 * @param metadata says which pod it is
 * @param phase {@code status.phase}; empty where there is none yet
 * @param isDeleted true if its deletion has begun
 * @param hasRun true if a container of it runs, or has run
 */
record PodFate(PodMetadata metadata, String phase, boolean isDeleted, boolean hasRun) {
    /**
     * The annotation that comes with the failure. The kubelet's worker takes notice at once of a pod whose annotations have
     * changed, and of one whose status alone has changed only at its next attempt, before which the status manager writes its
     * own phase again (1.36: pkg/kubelet/config/config.go, checkAndUpdatePod). The kubelet then writes the phase without reason
     * and message (kubelet_pods.go, generateAPIPodStatus), so they are here too. Its name is none of those that ask something.
     */
    private static final String ANNOTATION = "refused.podslice.io/reason";

    private static final int METADATA = 1 << Fields.TYPE | Fields.BYTES;
    private static final int STATUS = 3 << Fields.TYPE | Fields.BYTES;

    private static final int DELETION_TIMESTAMP = 9 << Fields.TYPE | Fields.BYTES;

    private static final int PHASE = 1 << Fields.TYPE | Fields.BYTES;
    private static final int CONTAINER_STATUSES = 8 << Fields.TYPE | Fields.BYTES;
    private static final int INIT_CONTAINER_STATUSES = 10 << Fields.TYPE | Fields.BYTES;

    private static final int RESTART_COUNT = 5 << Fields.TYPE | Fields.NUMBER;
    private static final int CONTAINER_ID = 8 << Fields.TYPE | Fields.BYTES;

    private static final int LONGEST_PHASE = 64;

    /** The annotation that tells where the kubelet has a pod from: file, http or api. */
    private static final String SOURCE = "kubernetes.io/config.source";

    /** @throws IOException if it is not an encoded pod with a uid */
    static PodFate read(ByteBuffer pod) throws IOException {
        String phase = "";
        boolean isDeleted = false;
        boolean hasRun = false;
        Fields fields = Fields.of(pod);
        while (fields.next()) {
            if (fields.tag() == METADATA) {
                Fields metadata = fields.message();
                while (metadata.next()) {
                    isDeleted |= metadata.tag() == DELETION_TIMESTAMP;
                }
            } else if (fields.tag() == STATUS) {
                Fields status = fields.message();
                while (status.next()) {
                    switch (status.tag()) {
                        case PHASE -> phase = status.text("status.phase", LONGEST_PHASE);
                        case CONTAINER_STATUSES, INIT_CONTAINER_STATUSES -> hasRun |= hasRun(status.message());
                        default -> {
                            // Of no meaning here.
                        }
                    }
                }
            }
        }
        return new PodFate(PodMetadata.of(pod), phase, isDeleted, hasRun);
    }

    /** A container that has been made has an id; the kubelet keeps the last one's. */
    private static boolean hasRun(Fields container) throws IOException {
        boolean hasRun = false;
        while (container.next()) {
            hasRun |= container.tag() == CONTAINER_ID && container.length() > 0;
            hasRun |= container.tag() == RESTART_COUNT && container.number() > 0;
        }
        return hasRun;
    }

    /**
     * Returns the reason for which the pod must be left as it is; empty if it may be made to fail.
     *
     * @param refused the pod that podslice has refused
     */
    Optional<String> reasonToLeave(PodSandboxRequest refused) {
        if (metadata.mirrored().isPresent()) {
            return Optional.of("it is a static pod's mirror");
        }
        if (!metadata.uid().equals(refused.uid())) {
            return Optional.of("the API server's pod of that name has another uid, " + metadata.uid());
        }
        if (isDeleted) {
            return Optional.of("it is being deleted");
        }
        if (!phase.isEmpty() && !phase.equals("Pending")) {
            return Optional.of("its phase is " + phase);
        }
        return hasRun ? Optional.of("a container of it has run") : Optional.empty();
    }

    /** Returns the reason that a sandbox alone gives to leave its pod as it is; empty if there is none. */
    static Optional<String> reasonToLeaveSandbox(PodSandboxRequest refused) {
        String source = refused.annotations().getOrDefault(SOURCE, "");
        if (source.equals("file") || source.equals("http")) {
            return Optional.of("it is a static pod");
        }
        return refused.attempt() > 0 ? Optional.of("it has had a sandbox before") : Optional.empty();
    }

    /** Returns the JSON merge patch that makes this pod fail, and no other pod or version of it. */
    String failing(String reason, String message) {
        // Another text each time, so that it is a change each time.
        String annotation = reason + " at version " + metadata.resourceVersion() + ": " + message;
        return "{\"metadata\":{\"uid\":" + quoted(metadata.uid()) + ",\"resourceVersion\":"
                + quoted(metadata.resourceVersion()) + ",\"annotations\":{" + quoted(ANNOTATION) + ":"
                + quoted(annotation) + "}},\"status\":{\"phase\":\"Failed\",\"reason\":" + quoted(reason)
                + ",\"message\":" + quoted(message) + "}}";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
