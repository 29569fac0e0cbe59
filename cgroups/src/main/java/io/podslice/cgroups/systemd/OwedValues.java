package io.podslice.cgroups.systemd;

import io.podslice.cgroups.CgroupPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values that the kernel has and systemd does not know yet, since it did not answer: in the order in which they were
 * written, the last of each file. Not thread-safe.
 */
final class OwedValues {
    /** More than one for each attribute of 1,000 pods' slices; the oldest is dropped, and the next sweep finds its drift. */
    private static final int MOST = 16_384;

    private final Map<String, Owed> owed = new LinkedHashMap<>();

    /** One value. */
    record Owed(CgroupPath dir, String file, String value) {}

    void add(CgroupPath dir, String file, String value) {
        remove(dir, file);
        if (owed.size() >= MOST) {
            owed.remove(owed.keySet().iterator().next());
        }
        owed.put(key(dir, file), new Owed(dir, file, value));
    }

    void remove(CgroupPath dir, String file) {
        owed.remove(key(dir, file));
    }

    boolean isEmpty() {
        return owed.isEmpty();
    }

    /** Returns the values in order. */
    List<Owed> all() {
        return new ArrayList<>(owed.values());
    }

    /** Returns the values of one cgroup by file, in order. */
    Map<String, String> of(CgroupPath dir) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Owed one : owed.values()) {
            if (one.dir().equals(dir)) {
                values.put(one.file(), one.value());
            }
        }
        return values;
    }

    boolean contains(Owed one) {
        return one.equals(owed.get(key(one.dir(), one.file())));
    }

    private static String key(CgroupPath dir, String file) {
        return dir + "/" + file;
    }
}
