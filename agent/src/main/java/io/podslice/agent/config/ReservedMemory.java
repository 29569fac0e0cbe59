package io.podslice.agent.config;

import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads {@code reservedMemory}: for each NUMA node, what no pod gets of it. */
final class ReservedMemory {
    private static final String HUGEPAGES = "hugepages-";

    private ReservedMemory() {}

    /** Bytes of memory by NUMA node. */
    static SortedMap<Integer, Long> read(List<Fields> entries) {
        SortedMap<Integer, Long> memory = new TreeMap<>();
        for (Fields entry : entries) {
            Mark mark = entry.mark("numaNode");
            if (!entry.has("numaNode")) {
                entry.error(mark, "numaNode", "is missing; must be the number of a NUMA node");
            }
            int node = entry.value("numaNode", 0, Scalars.number("the number of a NUMA node"));
            if (!entry.has("limits")) {
                entry.error(mark, "limits", "is missing; must say how much, e.g. {memory: 1Gi}");
            }
            limits(entry.section("limits"), node, memory);
            entry.end();
        }
        return memory;
    }

    private static void limits(Fields limits, int node, SortedMap<Integer, Long> memory) {
        Mark mark = limits.mark("memory");
        long bytes = limits.value("memory", 0L, Scalars::bytes);
        if (bytes > 0 && memory.putIfAbsent(node, bytes) != null) {
            limits.error(mark, "memory", "is given twice for NUMA node " + node);
        }
        for (String key : limits.keys()) {
            if (key.startsWith(HUGEPAGES)) {
                limits.withoutEffect(key, "hugepages are not placed by this version");
                limits.value(key, 0L, Scalars::bytes);
            }
        }
        limits.end();
    }
}
