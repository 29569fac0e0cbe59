package io.podslice.simulator.pods;

import io.podslice.simulator.kubelet.PodManifest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;

/** Static pods as the kubelet makes them of manifests, and their mirrors in the API server. */
public final class StaticPods {
    /** The annotation that names the source of a pod: {@code api}, {@code file} or {@code http}. */
    public static final String SOURCE = "kubernetes.io/config.source";
    /** The annotation with the time at which the kubelet first saw the pod. */
    public static final String SEEN = "kubernetes.io/config.seen";
    /** The annotation with the uid of a static pod, on it and on its mirror. */
    public static final String HASH = "kubernetes.io/config.hash";
    /** The annotation that makes a pod of the API server a mirror. */
    public static final String MIRROR = "kubernetes.io/config.mirror";

    private StaticPods() {}

    /**
     * Returns the kubelet's pod of a manifest in its folder. The uid is 32 hexadecimal digits that follow from the
     * manifest, by another hash than the kubelet's.
     */
    public static PodManifest of(PodManifest manifest, String nodeName) {
        String uid = hash(manifest + nodeName);
        return manifest.called(manifest.name() + "-" + nodeName, uid)
                .annotated(Map.of(SOURCE, "file", SEEN, "2026-11-29T12:00:00.000000000Z", HASH, uid));
    }

    /** Returns a pod of the API server as the kubelet hands it on. */
    public static PodManifest seen(PodManifest pod) {
        return isStatic(pod) ? pod : pod.annotated(Map.of(SOURCE, "api", SEEN, "2026-11-29T12:00:00.000000000Z"));
    }

    /** Returns true for a pod that the kubelet has from a file. */
    public static boolean isStatic(PodManifest pod) {
        return "file".equals(pod.annotations().get(SOURCE));
    }

    /** Returns the mirror that the kubelet makes of a static pod in the API server, which has a uid of its own. */
    public static PodManifest mirror(PodManifest pod) {
        UUID uid = UUID.nameUUIDFromBytes(pod.uid().getBytes(StandardCharsets.UTF_8));
        return pod.called(pod.name(), uid.toString()).annotated(Map.of(MIRROR, pod.uid()));
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
