package io.podslice.node;

/** Something that a person who looks at the node wants to know of, and that the state does not keep. */
public sealed interface NodeIncident {

    /** A door has refused a request. */
    record Refused(Door door, NodeRequest request, Refusal refusal) implements NodeIncident {}

    /**
     * A resize came to an outcome.
     *
     * @param pod namespace and name
     * @param outcome a value of the label of {@link NodeCounter#RESIZES}
     * @param message what was asked and what is in its way, or what the pod has now
     */
    record Resized(String pod, String outcome, String message) implements NodeIncident {}

    /**
     * A sweep has written a value again that differed from the desired one.
     *
     * @param cgroup its path
     * @param file such as {@code cpu.max}
     * @param found the value that another program had written
     * @param written the value that the file has now
     */
    record Repaired(String cgroup, String file, String found, String written) implements NodeIncident {}
}
