package io.podslice.node;

import java.util.List;

/**
 * What came of comparing the brain's state with the runtime.
 *
 * @param entries in the order things were done
 */
public record SynchronizeReport(List<Entry> entries) {
    /** The brain and the runtime agree. */
    public static final SynchronizeReport NOTHING = new SynchronizeReport(List.of());

    public SynchronizeReport {
        entries = List.copyOf(entries);
    }

    /** What was done about something. */
    public enum Kind {
        /** A pod that runs and was not known is known now. */
        TAKEN_IN("taken in"),
        /** A pod, or a container, that is not there any more is forgotten. */
        DROPPED("dropped"),
        /** What was known of a pod is put right. */
        REPAIRED("repaired"),
        /** Nothing could, or should, be done. */
        LEFT_ALONE("left alone");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /**
     * One finding.
     *
     * @param subject {@code namespace/name}, of a container with its name
     * @param detail what was found, and what follows from it
     */
    public record Entry(Kind kind, String subject, String detail) {
        @Override
        public String toString() {
            return subject + " " + kind.text + ": " + detail;
        }
    }

    /** For the log: all findings in one line. */
    public String text() {
        return String.join("; ", entries.stream().map(Entry::toString).toList());
    }
}
