package io.podslice.cgroups;

import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup file operation that the kernel refused: the file, the value written, and the kernel's errno. Where the
 * operation was a step of a {@link Plan}, the steps before it have been undone, except those {@link #leftBehind}.
 */
public final class CgroupException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final Errno errno;
    private final String path;
    private final @Nullable String value;
    /** An immutable list of the JDK's, hence serializable. */
    @SuppressWarnings("serial")
    private final List<String> leftBehind;

    /**
     * @param errno the kernel's error number
     * @param path the cgroup path with the file's name, e.g. {@code /kubepods/podx/cpu.max}
     * @param value what was being written, or null for any other operation
     * @param detail what was being done or the system's own text
     */
    public CgroupException(Errno errno, String path, @Nullable String value, String detail) {
        super(
                value == null
                        ? errno + " " + path + ": " + detail
                        : errno + " " + path + " <- \"" + value + "\": " + detail);
        this.errno = errno;
        this.path = path;
        this.value = value;
        this.leftBehind = List.of();
    }

    private CgroupException(CgroupException cause, String message, List<String> leftBehind) {
        super(message, cause);
        this.errno = cause.errno;
        this.path = cause.path;
        this.value = cause.value;
        this.leftBehind = List.copyOf(leftBehind);
    }

    /**
     * Returns the exception of a plan whose step failed with that cause after the steps before it were undone.
     *
     * @param undone the number of steps that were undone
     * @param leftBehind the changes that could not be undone, one line for each; the caller must add each one's
     *     exception as suppressed
     */
    static CgroupException planFailed(CgroupException cause, int undone, List<String> leftBehind) {
        String message = cause.getMessage() + "; " + undone + (undone == 1 ? " step" : " steps") + " undone";
        if (!leftBehind.isEmpty()) {
            message += ", not undone: " + String.join(", ", leftBehind);
        }
        return new CgroupException(cause, message, leftBehind);
    }

    public Errno errno() {
        return errno;
    }

    public String path() {
        return path;
    }

    /** The value of a refused write; null where the operation was no write. */
    public @Nullable String value() {
        return value;
    }

    /** The changes of a failed plan that could not be undone, one line for each; empty where all were undone. */
    public List<String> leftBehind() {
        return leftBehind;
    }
}
