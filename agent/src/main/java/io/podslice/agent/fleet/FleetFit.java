package io.podslice.agent.fleet;

import io.podslice.agent.fleet.Fit.Fits;
import io.podslice.agent.fleet.Fit.Misses;
import io.podslice.agent.text.Json;
import io.podslice.agent.text.Table;
import io.podslice.managers.pod.PodSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a cluster on which a new pod would fit, the fullest first, and the reasons of the others.
 *
 * @param title the pod, for people
 * @param places by the name of the node
 * @param reasons the others, by reason, the most frequent first
 * @param others the number of nodes without an object, of which nothing is known
 */
public record FleetFit(String title, Map<String, Fits> places, List<Reason> reasons, int others) {
    /** The most nodes in a table. */
    private static final int MOST = 20;

    /**
     * Nodes on which the pod does not fit, for one reason.
     *
     * @param text the amount that is wanted, and where
     * @param nodes their number
     * @param nearest the one that has the most, and how much
     */
    record Reason(String text, int nodes, String nearest) {}

    /**
     * Looks for places.
     *
     * @param title the pod, for people
     * @param spec of the pod, with its defaults
     * @param knobs the containers of which its annotations say that they have exclusive CPUs, or share
     */
    public static FleetFit of(String title, PodSpec spec, Map<String, Boolean> knobs, FleetReading fleet) {
        Need need = Need.of(spec, knobs);
        Map<String, Fits> found = new TreeMap<>();
        Map<String, Group> groups = new TreeMap<>();
        fleet.nodes().forEach((name, node) -> {
            switch (Fit.of(need, node, fleet.tally(name))) {
                case Fits fits -> found.put(name, fits);
                case Misses misses ->
                    groups.computeIfAbsent(misses.reason(), reason -> new Group())
                            .add(name, misses);
            }
        });
        List<String> names = new ArrayList<>(found.keySet());
        names.sort(Comparator.comparingLong((String name) -> left(found, name)).thenComparing(name -> name));
        Map<String, Fits> places = new LinkedHashMap<>();
        names.forEach(name -> places.put(name, found.getOrDefault(name, new Fits(List.of(), 0))));
        List<Reason> reasons = new ArrayList<>();
        groups.forEach((reason, group) -> reasons.add(new Reason(reason, group.count, group.nearest())));
        reasons.sort(Comparator.comparingInt(Reason::nodes).reversed());
        return new FleetFit(
                title, places, reasons, fleet.names().size() - fleet.nodes().size());
    }

    private static long left(Map<String, Fits> found, String name) {
        @Nullable Fits fits = found.get(name);
        return fits == null ? Long.MAX_VALUE : fits.left();
    }

    /** Nodes with one reason. */
    private static final class Group {
        private int count;
        private String nearest = "";
        private @Nullable Misses best;

        void add(String name, Misses misses) {
            count++;
            if (best == null || misses.most() > best.most()) {
                best = misses;
                nearest = name;
            }
        }

        String nearest() {
            return best == null || best.most() == 0 ? "" : best.most(nearest);
        }
    }

    /** Tells if there is a node for the pod. */
    public boolean isAnywhere() {
        return !places.isEmpty();
    }

    /** Writes the places for people. */
    public String table() {
        int all = places.size() + reasons.stream().mapToInt(Reason::nodes).sum();
        StringBuilder out = new StringBuilder(title + ": fits on " + places.size() + " of " + all + " nodes");
        out.append(others == 0 ? "\n" : "; " + others + " more have no NodeResourceTopology object\n");
        if (!places.isEmpty()) {
            Table table = new Table("  ").row("NODE", "NUMA NODES", "CPUS LEFT THERE");
            places.entrySet().stream()
                    .limit(MOST)
                    .forEach(place -> table.row(
                            place.getKey(),
                            place.getValue().zones().isEmpty()
                                    ? "shares CPUs"
                                    : Fit.names(place.getValue().zones()),
                            FleetTable.cpus(place.getValue().left())));
            out.append(table.text());
            if (places.size() > MOST) {
                out.append("  and ").append(places.size() - MOST).append(" more, which -o json tells\n");
            }
        }
        for (Reason reason : reasons) {
            out.append(reason.nodes())
                    .append(reason.nodes() == 1 ? " node lacks " : " nodes lack ")
                    .append(reason.text())
                    .append(reason.nearest().isEmpty() ? "" : "; " + reason.nearest())
                    .append('\n');
        }
        return out.toString();
    }

    /** Writes the places for programs. */
    public String json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("pod", title);
        List<Map<String, Object>> fits = new ArrayList<>();
        places.forEach((name, place) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("node", name);
            one.put("numaNodes", place.zones());
            one.put("cpuMillisLeft", place.left());
            fits.add(one);
        });
        json.put("fits", fits);
        List<Map<String, Object>> lacks = new ArrayList<>();
        for (Reason reason : reasons) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("lacks", reason.text());
            one.put("nodes", reason.nodes());
            one.put("nearest", reason.nearest());
            lacks.add(one);
        }
        json.put("reasons", lacks);
        json.put("unknownNodes", others);
        return Json.text(json);
    }
}
