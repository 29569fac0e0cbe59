package io.podslice.agent.fleet;

import io.podslice.agent.fleet.Fit.Fits;
import io.podslice.agent.fleet.Fit.Misses;
import io.podslice.agent.fleet.Need.Part;
import io.podslice.cluster.fleet.FleetNode;
import io.podslice.cluster.fleet.FleetNode.Zone;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Looks for NUMA nodes of one node that have all that parts of a pod need. For one search. */
final class ZoneSearch {
    /** The most NUMA nodes of which every combination is tried. */
    private static final int MOST_COMBINED = 12;

    private final List<Zone> zones;

    /** The available amounts by resource name, for each zone in the order of {@link #zones}. */
    private final List<Map<String, Long>> available = new ArrayList<>();

    ZoneSearch(FleetNode node) {
        this.zones = node.zones();
        for (Zone zone : zones) {
            Map<String, Long> its = new HashMap<>();
            zone.resources().forEach((name, amounts) -> its.put(name, amounts.available()));
            available.add(its);
        }
    }

    Fit place(List<Part> parts, String policy) {
        SortedSet<Integer> used = new TreeSet<>();
        for (Part part : parts) {
            int width = width(part, policy);
            @Nullable List<Integer> best = best(part, width);
            if (best == null) {
                return missing(part, width);
            }
            if (part.isKept()) {
                take(part, best);
                best.forEach(index -> used.add(zones.get(index).id()));
            }
        }
        long left = 0;
        for (int i = 0; i < zones.size(); i++) {
            left += used.contains(zones.get(i).id()) ? available(i, FleetNode.CPU) : 0;
        }
        return new Fits(List.copyOf(used), left);
    }

    /** Returns the number of NUMA nodes within which a part must be. */
    private int width(Part part, String policy) {
        return switch (policy) {
            case "single-numa-node" -> 1;
            case "restricted" -> narrowest(part);
            default -> zones.size();
        };
    }

    /** Returns the least number of NUMA nodes that have all of a part on an empty node. */
    private int narrowest(Part part) {
        for (int width = 1; width < zones.size(); width++) {
            for (List<Integer> some : combinations(width)) {
                boolean has = part.amounts().entrySet().stream()
                        .allMatch(amount -> sum(some, amount.getKey(), true) >= amount.getValue());
                if (has) {
                    return width;
                }
            }
        }
        return zones.size();
    }

    /** Returns the NUMA nodes, by their places in the list, that have a part and are left with the fewest CPUs; null for none. */
    private @Nullable List<Integer> best(Part part, int width) {
        @Nullable List<Integer> best = null;
        long least = Long.MAX_VALUE;
        for (List<Integer> some : combinations(width)) {
            long cpus = sum(some, FleetNode.CPU, false);
            if (cpus < least && has(part, some)) {
                best = some;
                least = cpus;
            }
        }
        return best;
    }

    private boolean has(Part part, List<Integer> some) {
        return part.amounts().entrySet().stream()
                .allMatch(amount ->
                        !isCounted(amount.getKey()) || sum(some, amount.getKey(), false) >= amount.getValue());
    }

    /** Tells if a NUMA node has the resource: a device without a NUMA node is no zone's, CPUs and memory always are. */
    private boolean isCounted(String resource) {
        return !resource.contains("/")
                || zones.stream().anyMatch(zone -> zone.resources().containsKey(resource));
    }

    private long sum(List<Integer> some, String resource, boolean onEmptyNode) {
        long sum = 0;
        for (int index : some) {
            sum += onEmptyNode ? zones.get(index).of(resource).allocatable() : available(index, resource);
        }
        return sum;
    }

    private long available(int index, String resource) {
        return available.get(index).getOrDefault(resource, 0L);
    }

    private void take(Part part, List<Integer> some) {
        part.amounts().forEach((resource, amount) -> {
            long left = amount;
            for (int index : some) {
                long taken = Math.min(left, available(index, resource));
                available.get(index).put(resource, available(index, resource) - taken);
                left -= taken;
            }
        });
    }

    private Fit missing(Part part, int width) {
        for (Map.Entry<String, Long> amount : part.amounts().entrySet()) {
            String resource = amount.getKey();
            List<Integer> richest = List.of();
            long most = 0;
            for (List<Integer> some : combinations(width)) {
                long its = sum(some, resource, false);
                if (its > most) {
                    most = its;
                    richest = some;
                }
            }
            if (most < amount.getValue() && isCounted(resource)) {
                boolean isCpu = resource.equals(FleetNode.CPU);
                return new Misses(
                        Fit.amount(isCpu, amount.getValue()) + (isCpu ? " CPUs" : " of " + resource) + within(width),
                        most,
                        isCpu,
                        width < zones.size() ? names(richest) : "");
            }
        }
        return new Misses("all resources of " + part.name() + " at once" + within(width), 0, false, "");
    }

    private String within(int width) {
        return width == 1 ? " on one NUMA node" : width < zones.size() ? " on " + width + " NUMA nodes" : "";
    }

    private String names(List<Integer> some) {
        return Fit.names(some.stream().map(index -> zones.get(index).id()).toList());
    }

    /** Returns the combinations of that many NUMA nodes; of very many only single ones and all. */
    private List<List<Integer>> combinations(int width) {
        int count = zones.size();
        List<List<Integer>> all = new ArrayList<>();
        if (width >= count || (width > 1 && count > MOST_COMBINED)) {
            return List.of(IntStream.range(0, count).boxed().toList());
        }
        if (width == 1) {
            for (int i = 0; i < count; i++) {
                all.add(List.of(i));
            }
            return all;
        }
        for (int bits = 0; bits < 1 << count; bits++) {
            if (Integer.bitCount(bits) == width) {
                List<Integer> some = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    if ((bits >> i & 1) == 1) {
                        some.add(i);
                    }
                }
                all.add(some);
            }
        }
        return all;
    }
}
