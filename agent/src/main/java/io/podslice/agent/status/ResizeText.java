package io.podslice.agent.status;

import io.podslice.agent.text.Json;
import io.podslice.managers.pod.Printable;
import io.podslice.proto.v1.PlanPodResponse;
import io.podslice.proto.v1.ResizeOutcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The outcome of a resize, done or planned, as text. */
public final class ResizeText {
    private static final String INDENT = "  ";

    private ResizeText() {}

    /**
     * Writes the outcome for people.
     *
     * @param pod its name
     * @param dryRun whether nothing was changed
     */
    public static String of(String pod, PlanPodResponse answer, boolean dryRun) {
        StringBuilder out = new StringBuilder(Printable.of(pod)).append(": ");
        switch (answer.getOutcome()) {
            case RESIZE_OUTCOME_DONE -> writes(out, answer.getWritesList(), dryRun);
            case RESIZE_OUTCOME_DEFERRED ->
                out.append("Deferred: ")
                        .append(Printable.of(answer.getMessage()))
                        .append('\n')
                        .append(dryRun ? "" : INDENT + "podslice keeps it, and tries again when resources are freed\n");
            case RESIZE_OUTCOME_INFEASIBLE ->
                out.append("Infeasible: ")
                        .append(Printable.of(answer.getMessage()))
                        .append('\n');
            case RESIZE_OUTCOME_NEEDS_RESTART ->
                out.append("not resized: by their resizePolicy these containers would have to restart: ")
                        .append(Printable.of(String.join(", ", answer.getRestartsList())))
                        .append('\n');
            case RESIZE_OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
                out.append("an outcome that this version of the command does not know: ")
                        .append(answer.getOutcomeValue())
                        .append(' ')
                        .append(Printable.of(answer.getMessage()))
                        .append('\n');
        }
        return out.toString();
    }

    private static void writes(StringBuilder out, List<String> writes, boolean dryRun) {
        int count = writes.size();
        if (count == 0) {
            out.append("has these resources already, nothing to write\n");
            return;
        }
        out.append(dryRun ? "would be resized with " : "resized with ")
                .append(count)
                .append(count == 1 ? " write\n" : " writes\n");
        writes.forEach(write -> out.append(INDENT).append(Printable.of(write)).append('\n'));
    }

    /** Writes the outcome as JSON, for programs. */
    public static String json(PlanPodResponse answer, boolean dryRun) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dryRun", dryRun);
        json.put("outcome", name(answer.getOutcome()));
        json.put("message", answer.getMessage());
        json.put("writes", List.copyOf(answer.getWritesList()));
        json.put("restarts", List.copyOf(answer.getRestartsList()));
        return Json.text(json);
    }

    private static String name(ResizeOutcome outcome) {
        return outcome.name().replace("RESIZE_OUTCOME_", "").toLowerCase(Locale.ROOT);
    }
}
