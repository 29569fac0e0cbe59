package io.podslice.agent.fleet;

import io.podslice.agent.text.Table;
import io.podslice.cluster.fleet.FleetNode;
import io.podslice.cluster.fleet.FleetNode.Amounts;
import io.podslice.cluster.fleet.FleetNode.Zone;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes the nodes of a cluster for people: a line for each, and their sums. */
public final class FleetTable {
    private static final String NONE = "-";

    private final Instant now;

    /** @param now the time to which ages are counted */
    public FleetTable(Instant now) {
        this.now = now;
    }

    /**
     * Writes the nodes.
     *
     * @param shard the part that has been read; empty for all
     */
    public String text(FleetReading fleet, Optional<ShardArgument> shard) {
        Table table = new Table("")
                .row(
                        "NODE",
                        "POLICY",
                        "CPUS",
                        "EXCLUSIVE",
                        "FREE",
                        "BY NUMA NODE",
                        "PODS",
                        "PODSLICE",
                        "RESIZING",
                        "CHANGED");
        Sums sums = new Sums();
        for (String name : fleet.names()) {
            @Nullable FleetNode node = fleet.nodes().get(name);
            NodeTally tally = fleet.tally(name);
            sums.add(node, tally);
            row(table, name, node, tally);
        }
        StringBuilder out = new StringBuilder();
        if (!fleet.names().isEmpty()) {
            out.append(table.text()).append('\n');
        }
        out.append(sums.text(fleet.tally("").pods())).append('\n');
        line(out, Notes.shard(shard, fleet.podCount()));
        line(out, Notes.unreadable("NodeResourceTopology objects", fleet.nodeCount()));
        line(out, Notes.unreadable("pods", fleet.podCount()));
        return out.toString();
    }

    private static void line(StringBuilder out, String text) {
        if (!text.isEmpty()) {
            out.append(text).append('\n');
        }
    }

    private void row(Table table, String name, @Nullable FleetNode node, NodeTally tally) {
        String pods = Integer.toString(tally.pods());
        String concerned = Integer.toString(tally.concerned());
        String resizing = tally.resizing() == 0 ? NONE : Integer.toString(tally.resizing());
        if (node == null) {
            table.row(name, NONE, NONE, NONE, NONE, NONE, pods, concerned, resizing, NONE);
            return;
        }
        Amounts cpus = node.of(FleetNode.CPU);
        table.row(
                name,
                policy(node),
                cpus(cpus.capacity()),
                cpus(cpus.taken()),
                cpus(cpus.available()),
                node.zones().stream().map(FleetTable::free).collect(Collectors.joining(" + ")),
                pods,
                concerned,
                resizing,
                node.changed().map(this::age).orElse(NONE));
    }

    static String policy(FleetNode node) {
        return node.policy().isEmpty() ? NONE : node.policy() + (node.scope().isEmpty() ? "" : "/" + node.scope());
    }

    private static String free(Zone zone) {
        Amounts cpus = zone.of(FleetNode.CPU);
        return cpus(cpus.available()) + " of " + cpus(cpus.allocatable());
    }

    /** Writes CPUs that are given in thousandths. */
    static String cpus(long millis) {
        return millis % 1000 == 0 ? Long.toString(millis / 1000) : millis + "m";
    }

    private String age(Instant then) {
        long seconds = Math.max(0, Duration.between(then, now).toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        return seconds < 7200 ? seconds / 60 + "m" : seconds < 172_800 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }

    /** The sums of all nodes. */
    private static final class Sums {
        private int nodes;
        private int others;
        private int pods;
        private int concerned;
        private Amounts cpus = new Amounts(0, 0, 0);

        void add(@Nullable FleetNode node, NodeTally tally) {
            pods += tally.pods();
            concerned += tally.concerned();
            if (node == null) {
                others++;
            } else {
                nodes++;
                Amounts its = node.of(FleetNode.CPU);
                cpus = new Amounts(
                        cpus.capacity() + its.capacity(),
                        cpus.allocatable() + its.allocatable(),
                        cpus.available() + its.available());
            }
        }

        String text(int waiting) {
            return nodes + " nodes with a NodeResourceTopology object" + (others == 0 ? "" : ", " + others + " without")
                    + "; " + cpus(cpus.capacity()) + " CPUs, " + cpus(cpus.taken()) + " exclusively allocated, "
                    + cpus(cpus.available()) + " free; " + pods + " pods, " + concerned + " podslice's"
                    + (waiting == 0 ? "" : "; " + waiting + " pods wait for a node");
        }
    }
}
