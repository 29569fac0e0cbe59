package io.podslice.shim;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which pods ask something of podslice. Only matters when the brain fails: their calls are then refused, since nobody
 * keeps what was promised to them; all others pass, whatever is wrong with podslice. A sandbox or container from
 * before the shim started counts as one that asks nothing.
 */
final class Claims {
    /** What every annotation of podslice begins with. */
    private static final String PREFIX = "podslice.io/";

    private static final byte[] PREFIX_BYTES = PREFIX.getBytes(StandardCharsets.US_ASCII);

    private final Set<String> sandboxes = ConcurrentHashMap.newKeySet();
    private final Set<String> containers = ConcurrentHashMap.newKeySet();

    /** Whether a pod with these annotations asks something. */
    static boolean areIn(Map<String, String> annotations) {
        for (String name : annotations.keySet()) {
            if (name.startsWith(PREFIX)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a request that cannot be parsed may be that of a pod that asks something. */
    static boolean mayBeIn(ByteBuffer message) {
        for (int i = 0; i + PREFIX_BYTES.length <= message.limit(); i++) {
            int same = 0;
            while (same < PREFIX_BYTES.length && message.get(i + same) == PREFIX_BYTES[same]) {
                same++;
            }
            if (same == PREFIX_BYTES.length) {
                return true;
            }
        }
        return false;
    }

    void addSandbox(String id) {
        sandboxes.add(id);
    }

    void addContainer(String id) {
        containers.add(id);
    }

    boolean ofSandbox(String id) {
        return sandboxes.contains(id);
    }

    boolean ofContainer(String id) {
        return containers.contains(id);
    }

    void removeSandbox(String id) {
        sandboxes.remove(id);
    }

    void removeContainer(String id) {
        containers.remove(id);
    }
}
