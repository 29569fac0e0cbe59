package io.podslice.agent.cli;

/** What the program's exit status means. */
public final class ExitCode {
    /** Done, or the answer is yes. */
    public static final int OK = 0;

    /** It failed while running, or the answer is no. */
    public static final int FAILED = 1;

    /** The command line or a file named on it cannot be used; running it again will not help. */
    public static final int USAGE = 2;

    private ExitCode() {}
}
