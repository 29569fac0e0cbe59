package io.podslice.cluster.wire;

import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.io.Serial;

/** Bytes of a source that cannot be used; tells the field and its value, printable and bounded whatever was sent. */
public final class UnreadableException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final int LONGEST = 300;

    private final String field;
    private final String problem;

    /**
     * @param field path of the field in its message, e.g. {@code spec.containers[0].name}; empty for the message itself
     * @param problem the error; with the field's value where it has one
     */
    public UnreadableException(String field, String problem) {
        super(message(field, problem));
        this.field = field;
        this.problem = problem;
    }

    private static String message(String field, String problem) {
        return (field.isEmpty() ? "" : Printable.of(field, LONGEST) + ": ") + Printable.of(problem, LONGEST);
    }

    /** Returns the error for the message around this one. */
    public UnreadableException in(String outer) {
        String joint = field.isEmpty() || field.startsWith("[") ? "" : ".";
        UnreadableException wider = new UnreadableException(outer + joint + field, problem);
        wider.setStackTrace(getStackTrace());
        return wider;
    }

    /** Returns the path of the field. */
    public String field() {
        return field;
    }
}
