package io.podslice.agent.doctor;

import io.podslice.managers.pod.Printable;

/**
 * The outcome of a check.
 *
 * @param check the check's name, e.g. {@code kubelet-endpoint}
 * @param level how bad it is
 * @param text what was found, with the values and where they were read
 * @param advice what to do; empty where there is nothing to do
 */
public record Finding(String check, Level level, String text, String advice) {

    /** The levels, the worst last. */
    public enum Level {
        /** Sound. */
        OK("ok"),
        /** Right or not known, and worth knowing. */
        NOTE("note"),
        /** Wrong: podslice does not work on this node, or not as its configuration says. */
        FAULT("FAULT");

        private final String text;

        Level(String text) {
            this.text = text;
        }

        /** Returns the level as the command prints it. */
        public String text() {
            return text;
        }
    }

    /** Makes the texts printable: they quote files that any program may have written. */
    public Finding {
        text = Printable.of(text);
        advice = Printable.of(advice);
    }

    static Finding ok(String check, String text) {
        return new Finding(check, Level.OK, text, "");
    }

    static Finding note(String check, String text, String advice) {
        return new Finding(check, Level.NOTE, text, advice);
    }

    static Finding fault(String check, String text, String advice) {
        return new Finding(check, Level.FAULT, text, advice);
    }
}
