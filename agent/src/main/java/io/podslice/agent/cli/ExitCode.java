package io.podslice.agent.cli;

/** The exit statuses of the program. */
public final class ExitCode {
    /** The command was done, or its answer is yes. */
    public static final int OK = 0;

    /** The command failed while running, or its answer is no. */
    public static final int FAILED = 1;

    /** The command line, or a file named on it, cannot be used; running it again will not help. */
    public static final int USAGE = 2;

    /**
     * An Error, such as that no memory or no thread can be had, has ended the program. The status of the JVM itself for
     * {@code -XX:+ExitOnOutOfMemoryError}.
     */
    public static final int ERROR = 3;

    private ExitCode() {}
}
