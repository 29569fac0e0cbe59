package io.podslice.agent.fleet;

import io.podslice.agent.text.Json;
import io.podslice.agent.text.Table;
import io.podslice.cluster.fleet.Fleet;
import io.podslice.cluster.fleet.FleetCount;
import io.podslice.cluster.fleet.FleetPod;
import io.podslice.cluster.fleet.Taker;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pods of a cluster in order of namespace and name.
 *
 * @param rows the pods that are shown
 * @param count the way in which all pods have come
 */
public record FleetPods(List<PodRow> rows, FleetCount count) {
    /**
     * Reads pods.
     *
     * @param node the node whose pods are wanted; empty for all pods
     * @param all true for all pods, false for those that have not ended and are podslice's concern
     * @throws IOException if the API server does not give them
     */
    public static FleetPods of(Fleet fleet, Optional<String> node, boolean all) throws IOException {
        Rows rows = new Rows(all);
        FleetCount count = fleet.pods(node, rows);
        return new FleetPods(rows.rows, count);
    }

    private static final class Rows implements Taker<FleetPod> {
        private final boolean all;
        private final List<PodRow> rows = new ArrayList<>();

        /** Texts that many pods have are kept once. */
        private final Map<String, String> texts = new HashMap<>();

        Rows(boolean all) {
            this.all = all;
        }

        @Override
        public void begin() {
            rows.clear();
        }

        @Override
        public void take(FleetPod pod) {
            PodRow.shown(pod, all)
                    .ifPresent(row -> rows.add(new PodRow(
                            kept(row.namespace()),
                            row.name(),
                            row.uid(),
                            kept(row.node()),
                            kept(row.phase()),
                            kept(row.cpu()),
                            kept(row.memory()),
                            row.hasBudget(),
                            row.exclusive(),
                            kept(row.resize()),
                            row.problem())));
        }

        private String kept(String text) {
            return texts.computeIfAbsent(text, same -> same);
        }
    }

    /** Writes the pods for people. */
    public String table(Optional<ShardArgument> shard) {
        Table table = new Table("").row(PodRow.columns());
        rows.forEach(row -> table.row(row.cells()));
        StringBuilder out = new StringBuilder();
        if (!rows.isEmpty()) {
            out.append(table.text()).append('\n');
        }
        out.append(rows.size() + " of " + count.objects() + " pods\n");
        for (String note : List.of(Notes.shard(shard, count), Notes.unreadable("pods", count))) {
            if (!note.isEmpty()) {
                out.append(note).append('\n');
            }
        }
        return out.toString();
    }

    /** Writes the pods for programs. */
    public void writeJson(Optional<ShardArgument> shard, PrintWriter out) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("pods", rows.stream().map(PodRow::json).iterator());
        json.put("read", Notes.json(shard, count));
        Json.write(json, out);
    }
}
