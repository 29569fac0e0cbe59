package io.podslice.cgroups;

import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup file operation that the kernel refused: which file, what was written, and the kernel's errno. Where the
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
     * A plan's step failed with that cause; the steps before it were undone.
     *
     * @param undone how many steps were undone
     * @param leftBehind what could not be undone, one line for each; each one's exception is to be added as suppressed
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

    /** What was being written; null where nothing was. */
    public @Nullable String value() {
        return value;
    }

    /** What a failed plan had changed and could not undo, one line for each; empty where nothing is left. */
    public List<String> leftBehind() {
        return leftBehind;
    }
}
