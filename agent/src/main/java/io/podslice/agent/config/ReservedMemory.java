package io.podslice.agent.config;

import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceName;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads {@code reservedMemory}: by NUMA node, the memory and huge pages that pods do not get. */
final class ReservedMemory {
    private static final String HUGEPAGES = "hugepages-";

    private ReservedMemory() {}

    /** Returns bytes of memory and huge pages by NUMA node. */
    static SortedMap<Integer, Map<ResourceName, Long>> read(List<Fields> entries) {
        SortedMap<Integer, Map<ResourceName, Long>> reserved = new TreeMap<>();
        for (Fields entry : entries) {
            Mark mark = entry.mark("numaNode");
            if (!entry.has("numaNode")) {
                entry.error(mark, "numaNode", "is missing; must be the number of a NUMA node");
            }
            int node = PolicyRules.RESERVED_NODE.read(entry, 0);
            if (!entry.has("limits")) {
                entry.error(mark, "limits", "is missing; must say how much, e.g. {memory: 1Gi}");
            }
            limits(entry.section("limits"), node, reserved.computeIfAbsent(node, at -> new TreeMap<>()));
            entry.end();
        }
        return reserved;
    }

    private static void limits(Fields limits, int node, Map<ResourceName, Long> reserved) {
        amount(limits, "memory", node, reserved);
        for (String key : limits.keys()) {
            if (key.startsWith(HUGEPAGES)) {
                amount(limits, key, node, reserved);
            }
        }
        limits.end();
    }

    /** Checks that an amount of huge pages is a number of pages, as the API server does with those of pods. */
    private static long wholePages(ResourceName type, long bytes) {
        if (!type.isHugepages()) {
            return bytes;
        }
        if (type.pageSize().isEmpty()) {
            throw new IllegalArgumentException("\"" + type + "\" must name a page size, such as hugepages-2Mi");
        }
        long page = type.pageSize().getAsLong();
        if (bytes % page != 0) {
            throw new IllegalArgumentException("must be whole pages of " + Quantity.ofBytes(page) + ": "
                    + Quantity.ofBytes(bytes / page * page) + " or " + Quantity.ofBytes((bytes / page + 1) * page));
        }
        return bytes;
    }

    private static long bytes(String text) {
        return PolicyRules.RESERVED_MEMORY.kind().reading().apply(text).orElse(0);
    }

    private static void amount(Fields limits, String key, int node, Map<ResourceName, Long> reserved) {
        Mark mark = limits.mark(key);
        long bytes = limits.value(key, 0L, text -> wholePages(new ResourceName(key), bytes(text)));
        if (bytes > 0 && reserved.putIfAbsent(new ResourceName(key), bytes) != null) {
            limits.error(mark, key, "is given twice for NUMA node " + node);
        }
    }
}
