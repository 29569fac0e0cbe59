package io.podslice.agent.publish;

import io.podslice.proto.podresources.v1.PodResources;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The fingerprint of a node's pods, by which scheduler-plugins' cache sees that an object is about the pods that it knows:
 * {@code pfp0v001} and XXH64 of the sorted hashes of all pods (github.com/k8stopologyawareschedwg/podfingerprint). The
 * order of the pods does not matter. Pure.
 */
final class PodFingerprint {
    private static final String VERSION = "pfp0v001";

    private PodFingerprint() {}

    /** Returns the fingerprint of these pods. */
    static String of(List<PodResources> pods) {
        long[] hashes = new long[pods.size()];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = of(pods.get(i).getNamespace(), pods.get(i).getName());
        }
        // As numbers without a sign.
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] ^= Long.MIN_VALUE;
        }
        Arrays.sort(hashes);
        ByteBuffer sorted = ByteBuffer.allocate(Long.BYTES * hashes.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long hash : hashes) {
            sorted.putLong(hash ^ Long.MIN_VALUE);
        }
        return VERSION + String.format("%016x", XxHash64.of(sorted.array(), 0));
    }

    /** The name's hash, with the namespace's as its seed. */
    private static long of(String namespace, String name) {
        return XxHash64.of(
                name.getBytes(StandardCharsets.UTF_8), XxHash64.of(namespace.getBytes(StandardCharsets.UTF_8), 0));
    }
}
