package io.podslice.managers.pod;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A pod's annotations cannot be used; tells the field, its value, and what is wrong with it. */
public final class InvalidPodSpecException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String field;
    private final @Nullable String value;

    /**
     * @param field annotation and path in it, e.g. {@code podslice.io/pod-spec: containers[0].resources.limits[cpu]}
     * @param value the field's value; null where something is missing
     * @param detail the error, in the API server's words where it has any
     */
    public InvalidPodSpecException(String field, @Nullable String value, String detail) {
        super(
                value == null
                        ? field + ": Required value: " + detail
                        : field + ": Invalid value: \"" + shortened(value) + "\": " + detail);
        this.field = field;
        this.value = value;
    }

    private static String shortened(String value) {
        return value.length() <= 200 ? value : value.substring(0, 200) + "…";
    }

    public String field() {
        return field;
    }

    /** The message without the field, e.g. {@code Invalid value: "-1": must be greater than or equal to 0}. */
    public String problem() {
        return String.valueOf(getMessage()).substring(field.length() + 2);
    }

    /** The field's value; null where something is missing. */
    public @Nullable String value() {
        return value;
    }
}
