package io.podslice.managers.pod;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A pod's annotations cannot be used; tells the field, its value, and what is wrong with it. The message is printable
 * and bounded, whatever the tenant wrote.
 */
public final class InvalidPodSpecException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final int LONGEST = 200;

    private final String field;
    private final String problem;
    private final @Nullable String value;

    /**
     * @param field annotation and path in it, e.g. {@code podslice.io/pod-spec: containers[0].resources.limits[cpu]}
     * @param value the field's value; null where something is missing
     * @param detail the error, in the API server's words where it has any
     */
    public InvalidPodSpecException(String field, @Nullable String value, String detail) {
        this(
                field,
                value,
                new Problem((value == null
                                ? "Required value: "
                                : "Invalid value: \"" + Printable.of(value, LONGEST) + "\": ")
                        + Printable.of(detail)));
    }

    private InvalidPodSpecException(String field, @Nullable String value, Problem problem) {
        super(Printable.of(field, LONGEST) + ": " + problem.text());
        this.field = Printable.of(field, LONGEST);
        this.problem = problem.text();
        this.value = value;
    }

    /** The message without the field, printable. */
    private record Problem(String text) {}

    /** Returns the error of a field that may not be there, as the API server writes it. */
    static InvalidPodSpecException forbidden(String field, String detail) {
        return new InvalidPodSpecException(field, null, new Problem("Forbidden: " + detail));
    }

    /** Returns the field: annotation and path in it, printable, at most 200 characters. */
    public String field() {
        return field;
    }

    /** The message without the field, e.g. {@code Invalid value: "-1": must be greater than or equal to 0}. */
    public String problem() {
        return problem;
    }

    /** The field's value as given; null where something is missing. */
    public @Nullable String value() {
        return value;
    }
}
