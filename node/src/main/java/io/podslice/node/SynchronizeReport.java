package io.podslice.node;

import java.util.List;

/**
 * The outcome of reconciling the brain's state with the runtime's contents.
 *
 * @param entries the findings, in the order in which they were dealt with
 */
public record SynchronizeReport(List<Entry> entries) {
    /** The brain and the runtime agree. */
    public static final SynchronizeReport NOTHING = new SynchronizeReport(List.of());

    public SynchronizeReport {
        entries = List.copyOf(entries);
    }

    /** The action on a finding. */
    public enum Kind {
        /** A running pod that the state did not have was added to it. */
        TAKEN_IN("taken in"),
        /** A pod or container that is gone was removed from the state. */
        DROPPED("dropped"),
        /** The state's record of a pod was corrected. */
        REPAIRED("repaired"),
        /** No action was possible, or none was safe. */
        LEFT_ALONE("left alone");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /**
     * One finding.
     *
     * @param subject {@code namespace/name} of a pod, {@code namespace/name/container} of a container
     * @param detail the finding, and its consequence
     */
    public record Entry(Kind kind, String subject, String detail) {
        @Override
        public String toString() {
            return subject + " " + kind.text + ": " + detail;
        }
    }

    /** Returns all findings in one line, for the log. */
    public String text() {
        return String.join("; ", entries.stream().map(Entry::toString).toList());
    }
}
