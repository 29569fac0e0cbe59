package io.podslice.agent.cli;

import java.util.concurrent.Callable;

/**
 * A subcommand from outside this module: an implementation carries picocli's {@code @Command} and is found by
 * {@link java.util.ServiceLoader}. An installed podslice has none; a checkout adds the demo.
 */
public interface Subcommand extends Callable<Integer> {

    /** Runs it; the result is the exit status, one of {@link ExitCode}. */
    @Override
    Integer call() throws Exception;
}
