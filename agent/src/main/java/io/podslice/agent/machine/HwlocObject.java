package io.podslice.agent.machine;

import io.podslice.agent.yaml.DocumentException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** An object of hwloc's topology with the objects within it, as it is read. For one thread. */
final class HwlocObject {
    private static final long MOST_BYTES = Long.MAX_VALUE >> 8;
    private static final long MOST_PAGES = 1L << 40;

    private final HwlocElement element;
    private final List<HwlocObject> objects = new ArrayList<>();
    private final SortedMap<Long, Long> pages = new TreeMap<>();

    HwlocObject(HwlocElement element) {
        this.element = element;
    }

    HwlocElement element() {
        return element;
    }

    /** The objects directly within it. */
    List<HwlocObject> objects() {
        return objects;
    }

    void add(HwlocObject inner) {
        objects.add(inner);
    }

    /** Takes the number of its memory pages of one size. */
    void addPages(HwlocElement pageType) throws DocumentException {
        pages.put(
                pageType.required("size", 1, MOST_BYTES),
                pageType.number("count", 0, MOST_PAGES).orElse(0L));
    }

    /** Returns the number of its huge pages by size: all pages but those of the smallest size. */
    SortedMap<Long, Long> hugepages() {
        SortedMap<Long, Long> huge = new TreeMap<>(pages);
        if (!huge.isEmpty()) {
            huge.remove(huge.firstKey());
        }
        return huge;
    }

    /** Returns the bytes of its memory. */
    long memory() throws DocumentException {
        return element.number("local_memory", 0, MOST_BYTES).orElse(0L);
    }
}
