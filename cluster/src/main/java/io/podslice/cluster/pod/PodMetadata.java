package io.podslice.cluster.pod;

import io.podslice.cluster.wire.Fields;
import io.podslice.cluster.wire.UnreadableException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The part of a pod's metadata that says which pod it is.
 *
 * @param uid {@code metadata.uid}: of a mirror pod its own, by which CRI knows no pod
 * @param namespace Kubernetes namespace
 * @param name pod name
 * @param generation {@code metadata.generation}, which rises with each change of the spec; 0 where there is none
 * @param resourceVersion {@code metadata.resourceVersion}: the API server's version of the object; may be empty
 * @param mirrored the uid of the static pod whose mirror this is (annotation {@code kubernetes.io/config.hash}); empty
 *     for every other pod
 */
public record PodMetadata(
        String uid, String namespace, String name, long generation, String resourceVersion, Optional<String> mirrored) {

    /** The longest name of the API, a DNS subdomain, in bytes; a static pod's manifest may give any text as its uid. */
    private static final int LONGEST = 253;

    private static final int POD_METADATA = 1 << Fields.TYPE | Fields.BYTES;

    private static final int NAME = 1 << Fields.TYPE | Fields.BYTES;
    private static final int NAMESPACE = 3 << Fields.TYPE | Fields.BYTES;
    private static final int UID = 5 << Fields.TYPE | Fields.BYTES;
    private static final int RESOURCE_VERSION = 6 << Fields.TYPE | Fields.BYTES;
    private static final int GENERATION = 7 << Fields.TYPE | Fields.NUMBER;
    private static final int ANNOTATIONS = 12 << Fields.TYPE | Fields.BYTES;

    private static final int KEY = 1 << Fields.TYPE | Fields.BYTES;
    private static final int VALUE = 2 << Fields.TYPE | Fields.BYTES;

    private static final byte[] MIRROR = "kubernetes.io/config.mirror".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HASH = "kubernetes.io/config.hash".getBytes(StandardCharsets.US_ASCII);

    /**
     * Reads an encoded pod's metadata alone, all that a pod has which the kubelet tells as deleted.
     *
     * @param pod an encoded {@code k8s.io.api.core.v1.Pod}
     * @throws UnreadableException if it cannot be read, or has no uid
     */
    public static PodMetadata of(ByteBuffer pod) throws UnreadableException {
        Reader reader = new Reader();
        Fields fields = Fields.of(pod);
        while (fields.next()) {
            if (fields.tag() == POD_METADATA) {
                reader.read(fields.message());
            }
        }
        return reader.result();
    }

    /**
     * Returns the uid by which CRI knows the pod, if the API server has told of it. That of a mirror comes from an
     * annotation, which a tenant may write into a pod of its own: compare namespace and name too. The kubelet tells of no
     * mirrors: its pods have the uid of CRI whatever their annotations say.
     */
    public String criUid() {
        return mirrored.orElse(uid);
    }

    /** Reads one metadata message after the other; of a field that comes twice the last counts, as in protobuf. */
    static final class Reader {
        private String uid = "";
        private String namespace = "";
        private String name = "";
        private long generation;
        private String resourceVersion = "";
        private boolean mirror;
        private String hash = "";

        void read(Fields metadata) throws UnreadableException {
            try {
                while (metadata.next()) {
                    switch (metadata.tag()) {
                        case NAME -> name = metadata.text("name", LONGEST);
                        case NAMESPACE -> namespace = metadata.text("namespace", LONGEST);
                        case UID -> uid = metadata.text("uid", LONGEST);
                        case RESOURCE_VERSION -> resourceVersion = metadata.text("resourceVersion", LONGEST);
                        case GENERATION -> generation = metadata.number();
                        case ANNOTATIONS -> annotation(metadata);
                        default -> {
                            // Of no meaning here.
                        }
                    }
                }
            } catch (UnreadableException e) {
                throw e.in("metadata");
            }
        }

        private void annotation(Fields annotations) throws UnreadableException {
            boolean isMirror = false;
            boolean isHash = false;
            Fields keys = annotations.message();
            while (keys.next()) {
                if (keys.tag() == KEY) {
                    isMirror = keys.is(MIRROR);
                    isHash = keys.is(HASH);
                }
            }
            mirror |= isMirror;
            Fields values = annotations.message();
            while (isHash && values.next()) {
                if (values.tag() == VALUE) {
                    hash = values.text("annotations[kubernetes.io/config.hash]", LONGEST);
                }
            }
        }

        PodMetadata result() throws UnreadableException {
            if (uid.isEmpty()) {
                throw new UnreadableException("metadata.uid", "is missing");
            }
            Optional<String> mirrored = mirror && !hash.isEmpty() ? Optional.of(hash) : Optional.empty();
            return new PodMetadata(uid, namespace, name, generation, resourceVersion, mirrored);
        }
    }
}
