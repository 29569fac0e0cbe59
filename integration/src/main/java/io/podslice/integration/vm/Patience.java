package io.podslice.integration.vm;

import java.time.Duration;
import java.util.Optional;

/** Waits for programs whose CPUs are emulated, on a machine with other work. */
final class Patience {
    private static final Duration AT_MOST = Duration.ofMinutes(8);

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
     * @throws IllegalStateException after eight minutes, with what was seen last
     */
    static void await(String what, Look look) throws Exception {
        long end = System.nanoTime() + AT_MOST.toNanos();
        Optional<String> missing = look.missing();
        while (missing.isPresent()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "not so in " + AT_MOST.toMinutes() + " minutes: " + what + "; " + missing.get());
            }
            Thread.sleep(500);
            missing = look.missing();
        }
    }

    /** Returns nothing if the condition holds, else what is seen. */
    static Optional<String> unless(boolean holds, Object seen) {
        return holds ? Optional.empty() : Optional.of(seen.toString());
    }
}
