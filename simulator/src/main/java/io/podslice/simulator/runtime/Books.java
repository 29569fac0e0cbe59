package io.podslice.simulator.runtime;

import io.grpc.Status;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Entries under 64-digit hexadecimal ids, found by any prefix that fits one of them alone, each under a name that no
 * other entry may have. Guarded by the runtime's lock.
 */
final class Books<T> {
    private final String kind;
    private final RandomGenerator random;
    private final Map<String, T> byId = new LinkedHashMap<>();
    private final Map<String, String> idByName = new LinkedHashMap<>();

    /** @param kind the word for an entry in errors: {@code sandbox} or {@code container} */
    Books(String kind, RandomGenerator random) {
        this.kind = kind;
        this.random = random;
    }

    String newId() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Reserves the name for the id, or refuses in containerd's words. */
    void reserve(String name, String id) {
        String owner = idByName.putIfAbsent(name, id);
        if (owner != null) {
            throw Status.UNKNOWN
                    .withDescription("failed to reserve " + kind + " name \"" + name + "\": name \"" + name
                            + "\" is reserved for \"" + owner + "\"")
                    .asRuntimeException();
        }
    }

    void release(String id) {
        idByName.values().remove(id);
    }

    void add(String id, T entry) {
        byId.put(id, entry);
    }

    void remove(String id) {
        byId.remove(id);
        release(id);
    }

    /** Returns the entry of that id or unambiguous prefix; null if there is none. */
    @Nullable
    T find(String idOrPrefix) {
        if (idOrPrefix.isEmpty()) {
            return null;
        }
        T exact = byId.get(idOrPrefix);
        if (exact != null) {
            return exact;
        }
        List<T> matches = new ArrayList<>();
        byId.forEach((id, entry) -> {
            if (id.startsWith(idOrPrefix)) {
                matches.add(entry);
            }
        });
        return matches.size() == 1 ? matches.getFirst() : null;
    }

    /**
     * Returns the entry of that id or unambiguous prefix, or refuses.
     *
     * @param words gives the start of the refusal from the id asked for
     */
    T get(String idOrPrefix, Function<String, String> words) {
        T entry = find(idOrPrefix);
        if (entry == null) {
            throw Status.NOT_FOUND
                    .withDescription(words.apply(idOrPrefix) + ": not found")
                    .asRuntimeException();
        }
        return entry;
    }

    List<T> all() {
        return List.copyOf(byId.values());
    }
}
