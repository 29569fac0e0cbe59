package io.podslice.agent;

import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** podslice cannot start: each problem in a line of its own that begins with the configuration's field and value. */
public final class StartException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;
    private final boolean misconfigured;

    private StartException(List<String> problems, boolean misconfigured, @Nullable Throwable cause) {
        super(String.join("\n", problems), cause);
        this.problems = problems;
        this.misconfigured = misconfigured;
    }

    /**
     * Returns the exception for a configuration that asks for what this machine does not have; trying again will not
     * help.
     */
    static StartException misconfigured(List<String> problems) {
        return new StartException(List.copyOf(problems), true, null);
    }

    /** Returns the exception for a fault of the node, which may be gone at the next try. */
    static StartException failed(String problem, Throwable cause) {
        return new StartException(List.of(problem), false, cause);
    }

    /** The problems, one a line; at least one. */
    public List<String> problems() {
        return problems;
    }

    /** Tells if only another configuration would help. */
    public boolean isMisconfigured() {
        return misconfigured;
    }
}
