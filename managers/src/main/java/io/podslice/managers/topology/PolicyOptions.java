package io.podslice.managers.topology;

import java.util.Set;

/** Reads the values of policy options as the kubelet does. */
public final class PolicyOptions {
    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

    private PolicyOptions() {}

    /**
     * Reads a truth value, in any of the spellings that Go knows.
     *
     * @throws IllegalArgumentException with the kubelet's text
     */
    public static boolean bool(String option, String value) {
        if (!TRUE.contains(value) && !FALSE.contains(value)) {
            throw new IllegalArgumentException("bad value for option \"" + option + "\": strconv.ParseBool: parsing \""
                    + value + "\": invalid syntax");
        }
        return TRUE.contains(value);
    }
}
