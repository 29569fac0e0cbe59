package io.podslice.agent.fleet;

import io.podslice.agent.text.Json;
import io.podslice.agent.text.Table;
import io.podslice.cluster.fleet.FleetCount;
import io.podslice.cluster.fleet.FleetPod;
import io.podslice.cluster.fleet.Follower;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prints the pods of a cluster, and then a line for each that changes in what is shown of it. Its events are named as those of the
 * API's watch: a pod that is shown no longer, for example because it has ended, is {@code DELETED} too. For one thread.
 */
public final class PodsFollower implements Follower<FleetPod> {
    private static final String ADDED = "ADDED";
    private static final String MODIFIED = "MODIFIED";
    private static final String DELETED = "DELETED";

    private final boolean all;
    private final boolean isJson;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Table table = new Table("");

    /** The pods that are shown, by uid. */
    private Map<String, PodRow> shown = new LinkedHashMap<>();

    private Map<String, PodRow> listed = new LinkedHashMap<>();
    private boolean isBegun;
    private String failure = "";

    /**
     * @param all true for all pods, false for those that have not ended and are podslice's concern
     * @param isJson true for programs: one object an event
     * @param err takes a line for each failure, and none for its repeats until a change comes
     */
    public PodsFollower(boolean all, boolean isJson, PrintWriter out, PrintWriter err) {
        this.all = all;
        this.isJson = isJson;
        this.out = out;
        this.err = err;
    }

    @Override
    public void begin() {
        listed = new LinkedHashMap<>();
    }

    @Override
    public void take(FleetPod pod) {
        PodRow.shown(pod, all).ifPresent(row -> listed.put(row.uid(), row));
    }

    /** Prints what differs from what is shown: at first everything. */
    @Override
    public void complete(FleetCount count) {
        if (!isBegun && !isJson) {
            // As wide as the longest event, which may come later.
            List<String> columns = new ArrayList<>(List.of("EVENT" + " ".repeat(MODIFIED.length() - "EVENT".length())));
            columns.addAll(PodRow.columns());
            table.row(columns);
        }
        isBegun = true;
        failure = "";
        listed.forEach((uid, row) -> print(shown.put(uid, row), row));
        List.copyOf(shown.values()).stream()
                .filter(row -> !listed.containsKey(row.uid()))
                .forEach(row -> gone(row.uid(), row));
        String unreadable = Notes.unreadable("pods", count);
        if (!unreadable.isEmpty()) {
            err.println(unreadable);
        }
        flush();
    }

    @Override
    public void changed(FleetPod pod) {
        failure = "";
        Optional<PodRow> row = PodRow.shown(pod, all);
        if (row.isPresent()) {
            print(shown.put(pod.uid(), row.get()), row.get());
        } else {
            gone(pod.uid(), PodRow.of(pod, PodUse.of(pod.spec())));
        }
        flush();
    }

    @Override
    public void deleted(FleetPod pod) {
        failure = "";
        gone(pod.uid(), PodRow.of(pod, PodUse.of(pod.spec())));
        flush();
    }

    @Override
    public void failed(String why) {
        if (!why.equals(failure)) {
            failure = why;
            err.println("podslice fleet pods: " + why + "; going on");
            err.flush();
        }
    }

    private void gone(String uid, PodRow last) {
        if (shown.remove(uid) != null) {
            print(DELETED, last);
        }
    }

    private void print(@Nullable PodRow before, PodRow now) {
        if (!now.equals(before)) {
            print(before == null ? ADDED : MODIFIED, now);
        }
    }

    private void print(String event, PodRow row) {
        if (isJson) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("type", event);
            json.put("pod", row.json());
            out.print(Json.text(json));
        } else {
            List<String> cells = new ArrayList<>(List.of(event));
            cells.addAll(row.cells());
            table.row(cells);
        }
    }

    private void flush() {
        out.print(table.next());
        out.flush();
    }
}
