package io.podslice.managers.memory;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceName;
import java.util.StringJoiner;

/**
 * Podslice's own line about memory in a rejection: the request, the free memory by node, and the most that would fit.
 */
final class MemoryOutlook {
    private MemoryOutlook() {}

    static String of(MemoryAmounts asked, MemoryCapacity capacity, MemoryUse use) {
        StringJoiner most = new StringJoiner(", ");
        for (ResourceName type : asked.bytes().keySet()) {
            most.add(type + " " + Quantity.ofBytes(mostOnOne(type, capacity, use)));
        }
        return "asked " + asked + "; " + free(capacity, use) + "; at most " + most + " would fit on one node";
    }

    /** Returns the request, the free memory, and the most that would fit on one node, in a few words. */
    static String brief(MemoryAmounts asked, MemoryCapacity capacity, MemoryUse use) {
        StringJoiner text = new StringJoiner("; ");
        asked.bytes().forEach((type, bytes) -> {
            long free =
                    use.free(type).values().stream().mapToLong(Long::longValue).sum();
            text.add("asked " + type + " " + Quantity.ofBytes(bytes) + ", " + Quantity.ofBytes(free) + " free, "
                    + Quantity.ofBytes(mostOnOne(type, capacity, use)) + " fit on a node");
        });
        return text.toString();
    }

    private static long mostOnOne(ResourceName type, MemoryCapacity capacity, MemoryUse use) {
        long best = 0;
        for (int node : capacity.byNode().keySet()) {
            boolean alone = use.group(node).size() == 1;
            best = Math.max(best, alone ? use.free(type).getOrDefault(node, 0L) : 0);
        }
        return best;
    }

    static String free(MemoryCapacity capacity, MemoryUse use) {
        StringJoiner nodes = new StringJoiner(", ", "free by NUMA node: ", "");
        capacity.byNode().forEach((node, amounts) -> {
            StringJoiner text = new StringJoiner(" and ", node + " has ", "");
            amounts.keySet()
                    .forEach(type -> text.add(
                            type + " " + Quantity.ofBytes(use.free(type).getOrDefault(node, 0L))));
            CpuSet group = use.group(node);
            nodes.add(text + (group.size() > 1 ? " for blocks on " + group + " only" : ""));
        });
        return nodes.toString();
    }
}
