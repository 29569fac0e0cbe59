package io.podslice.cluster.fleet;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node of the cluster as its NodeResourceTopology object has it.
 *
 * @param name the node's name
 * @param policy the topology manager's policy as the kubelet spells it; empty where the object does not say
 * @param scope the topology manager's scope; empty where the object does not say
 * @param changed the time at which its producer last changed it; empty where the object does not say
 * @param producer the field manager that last changed it; empty where the object does not say
 * @param zones its NUMA nodes, ascending by id
 */
public record FleetNode(
        String name, String policy, String scope, Optional<Instant> changed, String producer, List<Zone> zones) {

    /** The resource name of CPUs, whose amounts are in thousandths. */
    public static final String CPU = "cpu";

    private static final Amounts NONE = new Amounts(0, 0, 0);

    public FleetNode {
        zones = List.copyOf(zones);
    }

    /**
     * Amounts of a resource: of CPUs in thousandths, else in whole units or bytes.
     *
     * @param capacity the amount that the NUMA node has
     * @param allocatable the amount that pods can have on an empty node
     * @param available the amount that pods can still have
     */
    public record Amounts(long capacity, long allocatable, long available) {
        Amounts plus(Amounts other) {
            return new Amounts(capacity + other.capacity, allocatable + other.allocatable, available + other.available);
        }

        /** Returns the amount that pods have; at least 0. */
        public long taken() {
            return Math.max(0, allocatable - available);
        }
    }

    /**
     * A NUMA node.
     *
     * @param id its number
     * @param resources by name
     */
    public record Zone(int id, Map<String, Amounts> resources) {
        public Zone {
            resources = Map.copyOf(resources);
        }

        /** Returns the amounts of a resource; zero where it has none. */
        public Amounts of(String resource) {
            return resources.getOrDefault(resource, NONE);
        }
    }

    /** Returns the amounts of a resource in all zones together. */
    public Amounts of(String resource) {
        Amounts sum = NONE;
        for (Zone zone : zones) {
            sum = sum.plus(zone.of(resource));
        }
        return sum;
    }
}
