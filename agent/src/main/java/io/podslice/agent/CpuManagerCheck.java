package io.podslice.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of a kubelet that gives out CPUs itself, beside which podslice cannot. The kubelet starts after podslice and may be
 * restarted with another policy, so it is asked for as long as podslice runs; the log has one line for each change. For one
 * thread.
 */
final class CpuManagerCheck implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(CpuManagerCheck.class);

    static final Duration PAUSE = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Asks the kubelet. */
    interface Question {
        /**
         * Returns a warning; empty if the kubelet gives out no CPUs, or there is none.
         *
         * @throws IOException if the kubelet does not tell
         */
        Optional<String> ask(Duration atMost) throws IOException;
    }

    private final Question question;
    private Optional<Long> asked = Optional.empty();
    private String said = "";

    /** @param question is asked at most once a minute */
    CpuManagerCheck(Question question) {
        this.question = question;
    }

    @Override
    public void run() {
        news(System.nanoTime()).ifPresent(LOG::warn);
    }

    /**
     * Asks if it is time to, and returns a warning that has not been returned last.
     *
     * @param now by {@link System#nanoTime}
     */
    Optional<String> news(long now) {
        if (asked.isPresent() && now - asked.get() < PAUSE.toNanos()) {
            return Optional.empty();
        }
        asked = Optional.of(now);
        String warning;
        try {
            warning = question.ask(PATIENCE).orElse("");
        } catch (IOException e) {
            LOG.debug("the kubelet's CPU manager: {}", e.getMessage());
            return Optional.empty();
        }
        boolean isNew = !warning.isEmpty() && !warning.equals(said);
        said = warning;
        return isNew ? Optional.of(warning) : Optional.empty();
    }
}
