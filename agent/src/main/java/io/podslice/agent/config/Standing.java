package io.podslice.agent.config;

/**
 * The configuration that is in force, for those who look: {@code podslice status}, {@code systemctl status} and the metrics.
 *
 * @param inForce where it comes from
 * @param problems the number of mistakes in the file, and of settings that this machine does not have
 * @param text a line that says all of it
 */
public record Standing(InForce inForce, int problems, String text) {
    /** Where the configuration that is in force comes from. */
    public enum InForce {
        /** The file, as it is or with defaults for keys that are wrong and have not changed. */
        FILE,
        /** What was in force before the last reload, whose file is wrong. */
        BEFORE_RELOAD,
        /** The last good one, since the file was wrong at the start. */
        LAST_GOOD,
        /** None: the file is wrong, there is no good one, and nothing is enforced. */
        NONE
    }
}
