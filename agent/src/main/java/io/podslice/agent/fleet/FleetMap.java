package io.podslice.agent.fleet;

import io.podslice.cluster.fleet.FleetNode;
import io.podslice.cluster.fleet.FleetNode.Amounts;
import io.podslice.cluster.fleet.FleetNode.Zone;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Draws a line for each node: its NUMA nodes, each a row of CPUs of which {@code #} pods have exclusively, {@code .} are free, and
 * {@code -} are for no pod. Many CPUs share a sign.
 */
public final class FleetMap {
    private static final char TAKEN = '#';
    private static final char FREE = '.';
    private static final char KEPT = '-';

    private FleetMap() {}

    /**
     * Draws the nodes.
     *
     * @param columns the columns that the longest line may have; at least 40
     */
    public static String text(FleetReading fleet, int columns) {
        List<FleetNode> nodes = List.copyOf(fleet.nodes().values());
        int longest =
                nodes.stream().mapToInt(node -> node.name().length()).max().orElse(0);
        long widest = nodes.stream().mapToLong(FleetMap::signs).max().orElse(0);
        int most = nodes.stream().mapToInt(node -> node.zones().size()).max().orElse(0);
        // A name, and brackets and a blank for each NUMA node.
        long room = Math.max(8, columns - longest - 3L * most - 12);
        long each = Math.max(1, (widest + room - 1) / room);
        StringBuilder out = new StringBuilder();
        for (FleetNode node : nodes) {
            Amounts cpus = node.of(FleetNode.CPU);
            out.append(node.name())
                    .repeat(' ', longest - node.name().length())
                    .append(' ')
                    .append(node.zones().stream().map(zone -> row(zone, each)).collect(Collectors.joining(" ")))
                    .append(' ')
                    .append(FleetTable.cpus(cpus.available()))
                    .append(" free\n");
        }
        return out.append("\n# exclusively allocated  . free  - for no pod; a sign is ")
                .append(each == 1 ? "a CPU" : each + " CPUs")
                .append('\n')
                .toString();
    }

    private static long signs(FleetNode node) {
        return node.of(FleetNode.CPU).capacity() / 1000;
    }

    private static String row(Zone zone, long each) {
        Amounts cpus = zone.of(FleetNode.CPU);
        long all = rounded(cpus.capacity(), each);
        long kept = Math.min(all, rounded(Math.max(0, cpus.capacity() - cpus.allocatable()), each));
        long free = Math.min(all - kept, Math.max(0, cpus.available()) / 1000 / each);
        return "[" + String.valueOf(KEPT).repeat((int) kept)
                + String.valueOf(TAKEN).repeat((int) (all - kept - free))
                + String.valueOf(FREE).repeat((int) free) + "]";
    }

    private static long rounded(long millis, long each) {
        return (millis / 1000 + each - 1) / each;
    }
}
