package io.podslice.node;

/** Something that a person who looks at the node wants to know of, and that the state does not keep. */
public sealed interface NodeIncident {

    /** A door has refused a request. */
    record Refused(Door door, NodeRequest request, Refusal refusal) implements NodeIncident {}

    /**
     * The sandbox runs of a pod that asks something of podslice or has CPUs of its own. A sandbox that is made anew for a pod
     * that keeps what it had is none.
     *
     * @param pod the pod
     * @param message what the pod has
     */
    record Granted(PodName pod, String message) implements NodeIncident {}

    /**
     * A resize came to an outcome.
     *
     * @param pod the pod
     * @param outcome a value of the label of {@link NodeCounter#RESIZES}
     * @param message what was asked and what is in its way, or what the pod has now
     */
    record Resized(PodName pod, String outcome, String message) implements NodeIncident {}

    /**
     * A sweep has written a value again that differed from the desired one.
     *
     * @param pod the pod whose cgroup it is, or one of its containers'; {@link PodName#NONE} for one above pods
     * @param cgroup its path
     * @param file such as {@code cpu.max}
     * @param found the value that another program had written
     * @param written the value that the file has now
     */
    record Repaired(PodName pod, String cgroup, String file, String found, String written) implements NodeIncident {}
}
