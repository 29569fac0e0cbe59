package io.podslice.agent.replay;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.managers.pod.Printable;
import io.podslice.node.ResizeCondition;
import io.podslice.proto.v1.Condition;
import io.podslice.proto.v1.Entry;
import io.podslice.proto.v1.Incident;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.Resources;
import io.podslice.proto.v1.StatusResponse;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Prints what a recording tells, a line for each thing that happened. For one thread, and one recording. */
public final class Timeline implements Recording.Visitor {
    private static final String NONE = "-";

    private final Predicate<Instant> wanted;
    private final Stamps stamps;
    private final PrintWriter out;
    private final RecordedNode node = new RecordedNode();

    /** @param wanted the times of which lines are printed */
    public Timeline(Predicate<Instant> wanted, Stamps stamps, PrintWriter out) {
        this.wanted = wanted;
        this.stamps = stamps;
        this.out = out;
    }

    @Override
    public boolean entry(Entry entry, Place place) throws DocumentException {
        boolean wasKnown = node.isKnown();
        Optional<Step> step = node.apply(entry, place);
        Instant time = Instant.ofEpochMilli(entry.getTime());
        if (step.isPresent() && wanted.test(time)) {
            String start = stamps.text(time) + "  " + entry.getRevision() + "  ";
            for (String line : lines(step.get(), wasKnown)) {
                out.println(start + Printable.of(line));
            }
        }
        return true;
    }

    private List<String> lines(Step step, boolean wasKnown) {
        return switch (step) {
            case Step.Started(String version) ->
                List.of("podslice " + (version.isEmpty() ? "" : version + " ") + "has started");
            case Step.Stopped() -> List.of("podslice has stopped; its pods run on");
            case Step.Gap(long since, String reason) ->
                List.of("nothing could be recorded since " + stamps.text(Instant.ofEpochMilli(since)) + ": " + reason);
            case Step.Happened(Incident incident) -> List.of(line(incident));
            case Step.Changed changed -> {
                List<String> lines = new ArrayList<>();
                if (!changed.before().equals(changed.after())) {
                    line(changed.before(), changed.after(), wasKnown).ifPresent(lines::add);
                }
                changed.pods().forEach(pod -> lines.add(line(pod)));
                yield lines;
            }
        };
    }

    private String line(Incident incident) {
        String what = switch (incident.getKind()) {
            case INCIDENT_KIND_REFUSAL ->
                "refused by " + incident.getWhere() + ": " + incident.getWhat() + ": " + incident.getReason() + ": ";
            case INCIDENT_KIND_RESIZE -> "resize " + incident.getWhere() + ": " + incident.getWhat() + ": ";
            case INCIDENT_KIND_REPAIR -> "repaired: " + incident.getWhat() + ": " + incident.getWhere() + ": ";
            case INCIDENT_KIND_UNSPECIFIED, UNRECOGNIZED -> "happened: " + incident.getWhat() + ": ";
        };
        String often = incident.getCount() > 1
                ? " (" + incident.getCount() + " times since " + stamps.text(Instant.ofEpochMilli(incident.getSince()))
                        + ")"
                : "";
        String skipped = incident.getSkipped() > 0
                ? "; " + incident.getSkipped() + " other incidents before were too many to be recorded"
                : "";
        return what + incident.getText() + often + skipped;
    }

    private static Optional<String> line(StatusResponse before, StatusResponse after, boolean wasKnown) {
        List<String> parts = new ArrayList<>();
        differs(parts, "CPUs for pods", before.getCpus(), after.getCpus());
        differs(parts, "node shared pool", before.getSharedPool(), after.getSharedPool());
        differs(parts, "reserved", before.getReservedCpus(), after.getReservedCpus());
        differs(
                parts,
                "offline",
                before.getTopology().getOfflineCpus(),
                after.getTopology().getOfflineCpus());
        if (parts.isEmpty() && wasKnown && !before.getTopology().equals(after.getTopology())) {
            parts.add("another machine");
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of("node: " + String.join(", ", parts));
    }

    private static String line(Step.PodChange change) {
        Pod before = change.before().orElse(Pod.getDefaultInstance());
        if (change.after().isEmpty()) {
            return change.key() + ": gone";
        }
        Pod after = change.after().get();
        List<String> parts = new ArrayList<>();
        differs(parts, "", phase(before), phase(after));
        budget(parts, "CPU", "cpu", before, after);
        budget(parts, "memory", "memory", before, after);
        differs(parts, "CPUs", before.getCpus(), after.getCpus());
        differs(parts, "shared", before.getSharedPool(), after.getSharedPool());
        differs(parts, "NUMA", before.getNumaNodes(), after.getNumaNodes());
        differs(parts, "gone CPUs", before.getGoneCpus(), after.getGoneCpus());
        differs(parts, "resize", conditions(before), conditions(after));
        differs(parts, "containers", containers(before), containers(after));
        if (parts.isEmpty()) {
            parts.add("changed");
        }
        return change.key() + ": " + String.join(", ", parts);
    }

    private static void differs(List<String> parts, String name, String before, String after) {
        if (!before.equals(after)) {
            String start = name.isEmpty() ? "" : name + " ";
            parts.add(start + (before.isEmpty() ? "" : before + " -> ") + (after.isEmpty() ? NONE : after));
        }
    }

    private static void budget(List<String> parts, String name, String resource, Pod before, Pod after) {
        differs(parts, name, amounts(before, resource, Pod::getAllocated), amounts(after, resource, Pod::getAllocated));
        String wanted = amounts(after, resource, Pod::getDesired);
        if (!wanted.equals(amounts(after, resource, Pod::getAllocated))) {
            parts.add(name + " desired " + (wanted.isEmpty() ? NONE : wanted));
        }
    }

    /** Returns request and limit, as one amount where they are equal; empty for none. */
    private static String amounts(Pod pod, String resource, Function<Pod, Resources> of) {
        Map<String, String> requests = of.apply(pod).getRequestsMap();
        Map<String, String> limits = of.apply(pod).getLimitsMap();
        String request = requests.getOrDefault(resource, NONE);
        String limit = limits.getOrDefault(resource, NONE);
        return request.equals(limit) ? (request.equals(NONE) ? "" : request) : request + "/" + limit;
    }

    private static String phase(Pod pod) {
        String phase = pod.getPhase().name().replace("POD_PHASE_", "").toLowerCase(Locale.ROOT);
        return phase.equals("unspecified") ? "" : phase;
    }

    private static String conditions(Pod pod) {
        return String.join(
                "; ",
                pod.getConditionsList().stream()
                        .map(each -> resize(each) + (each.getMessage().isEmpty() ? "" : ": " + each.getMessage()))
                        .toList());
    }

    private static String resize(Condition condition) {
        String reason = condition.getReason();
        if (!condition.getType().equals("PodResizePending")) {
            return reason.isEmpty() ? "in progress" : "in progress, " + reason;
        }
        return (reason.equals(ResizeCondition.INFEASIBLE) ? "refused, " : "waits, ") + reason;
    }

    private static String containers(Pod pod) {
        return String.join(
                ", ",
                pod.getContainersList().stream()
                        .filter(each -> each.getIsolation().equals("container"))
                        .map(each -> each.getName() + " on " + each.getCpus())
                        .toList());
    }
}
