package io.podslice.agent.replay;

import io.podslice.agent.text.Json;
import io.podslice.agent.text.Table;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.managers.pod.Printable;
import io.podslice.proto.v1.Container;
import io.podslice.proto.v1.Entry;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodPhase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes the owners that one CPU had. For one thread, and one recording. */
public final class CpuReport {
    private static final int MOST_NOTES = 100;
    private static final int MOST_SPANS = 100_000;
    private static final int MOST_NAMES = 50;

    private final int cpu;
    private final Stamps stamps;
    private final Optional<Moment> moment;
    private final Optional<Instant> from;
    private final Optional<Instant> to;
    private final List<CpuSpan> spans = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private boolean hasMore;

    /** The time at which podslice stopped, while nothing says that it runs again. */
    private @Nullable Instant stopped;

    /** The time of the last entry. */
    private @Nullable Instant latest;

    private CpuReport(int cpu, Stamps stamps, Optional<Moment> moment, Optional<Instant> from, Optional<Instant> to) {
        this.cpu = cpu;
        this.stamps = stamps;
        this.moment = moment;
        this.from = from;
        this.to = to;
    }

    /**
     * Makes a report of all owners.
     *
     * @param cpu 0 to {@link io.podslice.cgroups.CpuSet#MAX_ID}
     * @param from spans that end before are left out; empty: none
     * @param to spans that begin then or later are left out; empty: none
     */
    public static CpuReport history(int cpu, Stamps stamps, Optional<Instant> from, Optional<Instant> to) {
        return new CpuReport(cpu, stamps, Optional.empty(), from, to);
    }

    /** Makes a report of the owner at a moment. */
    public static CpuReport at(int cpu, Stamps stamps, Moment moment) {
        return new CpuReport(cpu, stamps, Optional.of(moment), Optional.empty(), Optional.empty());
    }

    /** Reads a recording; returns the parts that could not be read. */
    public List<Flaw> read(Recording recording) throws DocumentException {
        CpuHistory history = new CpuHistory(cpu, this::take);
        List<Flaw> flaws = recording.read((entry, place) -> {
            note(entry);
            return history.entry(entry, place);
        });
        history.end();
        if (hasMore) {
            notes.add("only the first " + MOST_SPANS + " are shown; --from and --to choose others");
        }
        return flaws;
    }

    private void take(CpuSpan span) {
        if (moment.isPresent()) {
            if (span.has(moment.get())) {
                spans.clear();
                spans.add(span); // where the clock was set back the last one counts
            }
            return;
        }
        boolean isBefore =
                from.isPresent() && span.to().isPresent() && span.to().get().isBefore(from.get());
        boolean isAfter = to.isPresent() && !span.from().isBefore(to.get());
        if (isBefore || isAfter) {
            return;
        }
        if (spans.size() < MOST_SPANS) {
            spans.add(span);
        } else {
            hasMore = true;
        }
    }

    private void note(Entry entry) {
        Instant time = Instant.ofEpochMilli(entry.getTime());
        Instant since = stopped;
        String why = "";
        switch (entry.getContentCase()) {
            case STOPPED -> stopped = time;
            case STARTED -> {
                why = "podslice had " + (since == null ? "ended without a word" : "stopped") + ", and its pods ran on";
                since = since == null ? latest : since;
                stopped = null;
            }
            case GAP -> {
                since = Instant.ofEpochMilli(entry.getGap().getSince());
                why = entry.getGap().getReason();
            }
            default -> {}
        }
        latest = time;
        boolean isWanted = since != null
                && !why.isEmpty()
                && (from.isEmpty() || !time.isBefore(from.get()))
                && (to.isEmpty() || since.isBefore(to.get()));
        if (since != null && isWanted && notes.size() < MOST_NOTES) {
            notes.add("from " + stamps.text(since) + " to " + stamps.text(time) + " nothing was recorded: " + why);
        }
    }

    /** Returns the times in which nothing was recorded, a line each. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** Writes all owners, a line for each. */
    public String table() {
        Table table = new Table("").row("FROM", "TO", "REVISION", "CPU " + cpu);
        for (CpuSpan span : spans) {
            table.row(
                    stamps.text(span.from()),
                    span.to().map(stamps::text).orElse("-"),
                    Long.toString(span.fromRevision()),
                    span.owner().text());
        }
        return table.text();
    }

    /** Writes the owners for programs. */
    public String json() {
        return Json.text(spans.stream().map(this::json).toList());
    }

    private Map<String, Object> json(CpuSpan span) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cpu", cpu);
        json.put("from", span.from().toString());
        json.put("fromRevision", span.fromRevision());
        span.to().ifPresent(end -> {
            json.put("to", end.toString());
            json.put("toRevision", span.toRevision());
        });
        json.put("use", span.owner().use());
        json.put("pods", span.owner().pods());
        json.put("containers", span.owner().containers());
        return json;
    }

    /**
     * Writes the owner of the moment, since when and until when it was so.
     *
     * @param node the node at that moment
     */
    public String answer(RecordedNode node) {
        if (spans.isEmpty()) {
            return "CPU " + cpu + ": not recorded\n";
        }
        CpuSpan span = spans.getLast();
        StringBuilder out = new StringBuilder("CPU " + cpu + ": ")
                .append(Printable.of(span.owner().text()))
                .append('\n')
                .append("since " + stamps.text(span.from()) + ", revision " + span.fromRevision() + "\n")
                .append(span.to()
                        .map(end -> "until " + stamps.text(end) + ", revision " + span.toRevision() + "\n")
                        .orElse("until the end of the recording\n"));
        if (span.owner().use().equals("nodeShared")) {
            out.append("pods in the node shared pool: ").append(sharers(node)).append('\n');
        }
        return out.toString();
    }

    private static String sharers(RecordedNode node) {
        List<String> names = new ArrayList<>();
        for (Pod pod : node.pods()) {
            boolean isThere = pod.getPhase() != PodPhase.POD_PHASE_STOPPED
                    && (pod.getCpus().isEmpty()
                            || pod.getContainersList().stream()
                                    .map(Container::getIsolation)
                                    .anyMatch("host"::equals));
            if (isThere) {
                names.add(Printable.of(PodKey.of(pod).toString()));
            }
        }
        if (names.isEmpty()) {
            return "none that podslice manages";
        }
        int more = names.size() - MOST_NAMES;
        return String.join(", ", more > 0 ? names.subList(0, MOST_NAMES) : names)
                + (more > 0 ? " and " + more + " more" : "");
    }
}
