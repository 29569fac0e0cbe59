package io.podslice.cluster.events;

import io.podslice.managers.pod.Printable;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodName;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An incident that becomes an event on a pod.
 *
 * @param pod a pod with a uid and with names as the API server has them
 * @param kind its kind
 * @param distinction differs between incidents of one kind that are no repeats of each other
 * @param note the text for people; printable, at most {@value #MOST_BYTES} bytes in UTF-8
 */
record PodIncident(PodName pod, EventKind kind, String distinction, String note) {
    /** The longest note that the API server takes. */
    static final int MOST_BYTES = 1024;

    private static final String CUT = "...";

    private static final int LONGEST_NAME = 253;
    private static final int LONGEST_UID = 128;
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?");

    /** Makes the note printable, since a tenant may have written parts of it, and short enough. */
    PodIncident {
        note = bounded(Printable.of(note, MOST_BYTES));
    }

    /** Returns the incident of a pod that the node tells of; empty where the pod is not known, or none of the API server's. */
    static Optional<PodIncident> of(NodeIncident incident) {
        return read(incident).filter(PodIncident::canBeWritten);
    }

    private static Optional<PodIncident> read(NodeIncident incident) {
        return switch (incident) {
            case NodeIncident.Granted(var pod, var message) ->
                Optional.of(new PodIncident(pod, EventKind.GRANTED, message, message));
            case NodeIncident.Refused(var _, var request, var refusal) -> refused(request, refusal);
            case NodeIncident.Resized(var pod, var outcome, var message) ->
                Optional.of(new PodIncident(pod, ofOutcome(outcome), message, message));
            // A program that goes on writing writes other values each time.
            case NodeIncident.Repaired(var pod, var cgroup, var file, var found, var written) ->
                Optional.of(new PodIncident(
                        pod,
                        EventKind.DRIFT_REPAIRED,
                        file,
                        file + " was \"" + found.strip() + "\", written by another program; it is \"" + written.strip()
                                + "\" again, in " + cgroup));
        };
    }

    private static EventKind ofOutcome(String outcome) {
        return switch (outcome) {
            case "done" -> EventKind.RESIZED;
            case "deferred" -> EventKind.DEFERRED;
            case "infeasible" -> EventKind.INFEASIBLE;
            default -> EventKind.RESIZE_FAILED;
        };
    }

    private static Optional<PodIncident> refused(NodeRequest request, Refusal refusal) {
        return switch (request) {
            case NodeRequest.RunPodSandbox(var sandbox) -> Optional.of(refused(sandbox, "", refusal));
            case NodeRequest.ConfirmPodSandbox(var _, var sandbox, var _) -> Optional.of(refused(sandbox, "", refusal));
            case NodeRequest.CreateContainer(var container) -> Optional.of(refused(container, refusal));
            case NodeRequest.ConfirmContainer(var _, var container, var _) -> Optional.of(refused(container, refusal));
            // They name no pod; the outcome of a resize comes as an incident of its own.
            case NodeRequest.UpdateContainer _, NodeRequest.UpdatePodSandbox _ -> Optional.empty();
        };
    }

    private static PodIncident refused(ContainerRequest container, Refusal refusal) {
        return refused(container.sandbox(), container.name(), refusal);
    }

    /** The numbers of a refusal that repeats may differ each time, so they distinguish nothing. */
    private static PodIncident refused(PodSandboxRequest sandbox, String container, Refusal refusal) {
        PodName pod = new PodName(sandbox.uid(), sandbox.namespace(), sandbox.name());
        String end = container.isEmpty() ? "" : "; container " + container;
        return new PodIncident(pod, EventKind.REFUSED, refusal.reason() + "/" + container, refusal.text() + end);
    }

    /** Tells if the API server can have the pod: crictl takes any names. */
    private boolean canBeWritten() {
        return !pod.uid().isEmpty()
                && pod.uid().length() <= LONGEST_UID
                && pod.name().length() <= LONGEST_NAME
                && NAMESPACE.matcher(pod.namespace()).matches()
                && NAME.matcher(pod.name()).matches();
    }

    /** Cuts a text between two characters where it is too long. */
    private static String bounded(String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES) {
            return text;
        }
        int bytes = CUT.length();
        int end = 0;
        while (end < text.length()) {
            int character = text.codePointAt(end);
            bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
            if (bytes > MOST_BYTES) {
                break;
            }
            end += Character.charCount(character);
        }
        return text.substring(0, end) + CUT;
    }
}
