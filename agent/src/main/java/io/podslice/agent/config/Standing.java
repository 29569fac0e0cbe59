package io.podslice.agent.config;

/**
 * The configuration that is in force, for those who look: {@code podslice status}, {@code systemctl status} and the metrics.
 *
 * @param inForce its origin
 * @param problems the number of mistakes in the file, and of settings that this machine does not have
 * @param text a line that says all of it
 */
public record Standing(InForce inForce, int problems, String text) {
    /** The origin of a configuration that is in force. */
    public enum InForce {
        /** The file, as it is or with defaults for keys that are wrong and have not changed. */
        FILE,
        /** The configuration that was in force before the last reload, whose file is wrong. */
        BEFORE_RELOAD,
        /** The last good one, since the file was wrong at the start. */
        LAST_GOOD,
        /** None: the file is wrong, there is no good one, and nothing is enforced. */
        NONE
    }
}
