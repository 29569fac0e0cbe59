package io.podslice.integration.vm;

import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;

/** Waits for programs whose CPUs are emulated, on a machine with other work. */
final class Patience {
    /**
     * The time for one step, such as a call or a podslice that begins to listen: many times what it takes, since the host may
     * be half as fast today as it was yesterday.
     */
    static final Duration OF_A_STEP = Duration.ofMinutes(6);

    private static final Duration AT_MOST = Duration.ofMinutes(15);

    private Patience() {}

    /** Something that is to come true. */
    interface Look {
        /** Returns nothing once it is true, until then what is seen instead. */
        Optional<String> missing() throws Exception;
    }

    /**
     * Looks twice a second until nothing is missing.
     *
     * @param what the expectation, in words
     * @throws IllegalStateException after a quarter of an hour, with what was seen last
     */
    static void await(String what, Look look) throws Exception {
        long end = System.nanoTime() + AT_MOST.toNanos();
        Optional<String> missing = patient(look);
        while (missing.isPresent()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "not so in " + AT_MOST.toMinutes() + " minutes: " + what + "; " + missing.get());
            }
            Thread.sleep(500);
            missing = patient(look);
        }
    }

    /** A server that does not answer in time may answer the next time. */
    private static Optional<String> patient(Look look) throws Exception {
        try {
            return look.missing();
        } catch (HttpTimeoutException e) {
            return Optional.of(e.toString());
        }
    }

    /** Returns nothing if the condition holds, else what is seen. */
    static Optional<String> unless(boolean holds, Object seen) {
        return holds ? Optional.empty() : Optional.of(seen.toString());
    }
}
