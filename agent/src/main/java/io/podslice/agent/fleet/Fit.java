package io.podslice.agent.fleet;

import io.podslice.agent.text.Bytes;
import io.podslice.cluster.fleet.FleetNode;
import io.podslice.cluster.fleet.FleetNode.Amounts;
import java.util.ArrayList;
import java.util.List;

/**
 * The place of a new pod on a node, or the reason for which it has none: by the sums of requests, as a scheduler counts, and by the
 * policy of the topology manager on the NUMA nodes that the node's object tells. Pure.
 */
sealed interface Fit {

    /**
     * The pod fits.
     *
     * @param zones the NUMA nodes of its CPUs, ascending; none if it shares CPUs
     * @param left the CPUs that are then left on them, in thousandths; of a pod that shares, those without a request
     */
    record Fits(List<Integer> zones, long left) implements Fit {
        public Fits {
            zones = List.copyOf(zones);
        }
    }

    /**
     * The pod does not fit.
     *
     * @param reason the amount that is wanted, and where
     * @param most the most that there is of it on this node
     * @param isCpu true if the most is in thousandths of CPUs, false for bytes and whole units
     * @param place the NUMA node that has it; empty for the node as a whole
     */
    record Misses(String reason, long most, boolean isCpu, String place) implements Fit {
        /** Returns the sentence on this node alone. */
        String most(String node) {
            return "at most " + amount(isCpu, most) + " on " + node + (place.isEmpty() ? "" : ", " + place);
        }
    }

    /**
     * Returns the place of a pod.
     *
     * @param tally the pods that the node has
     */
    static Fit of(Need need, FleetNode node, NodeTally tally) {
        Amounts cpus = node.of(FleetNode.CPU);
        long cpuLeft = cpus.allocatable() - tally.cpuMillis();
        if (need.requests().cpuMillis() > cpuLeft) {
            return new Misses(
                    amount(true, need.requests().cpuMillis()) + " CPUs that no pod requests",
                    Math.max(0, cpuLeft),
                    true,
                    "");
        }
        long memoryLeft = node.of("memory").allocatable() - tally.memoryBytes();
        if (need.requests().memoryBytes() > memoryLeft) {
            return new Misses(
                    amount(false, need.requests().memoryBytes()) + " of memory that no pod requests",
                    Math.max(0, memoryLeft),
                    false,
                    "");
        }
        boolean isStrict =
                node.policy().equals("single-numa-node") || node.policy().equals("restricted");
        if (isStrict ? !need.isGuaranteed() && need.exclusive() == 0 : need.exclusive() == 0) {
            return new Fits(List.of(), cpuLeft - need.requests().cpuMillis());
        }
        ZoneSearch search = new ZoneSearch(node);
        List<Need.Part> parts = isStrict ? need.aligned(node.scope()) : List.of(need.anywhere());
        return search.place(parts, node.policy());
    }

    /** Writes an amount. */
    static String amount(boolean isCpu, long amount) {
        return isCpu ? FleetTable.cpus(amount) : Bytes.text(amount);
    }

    /** Returns the names of NUMA nodes as the node's object has them. */
    static String names(List<Integer> zones) {
        List<String> names = new ArrayList<>();
        zones.forEach(zone -> names.add("node-" + zone));
        return String.join("+", names);
    }
}
