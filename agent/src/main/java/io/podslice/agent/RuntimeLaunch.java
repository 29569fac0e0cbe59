package io.podslice.agent;

import java.util.Map;
import java.util.Optional;

/**
 * A start of this process by a runtime, as its NRI plugin: with a connected socket, and three environment variables
 * that say so.
 *
 * @param descriptor of the socket
 * @param ended what to do when the connection has ended
 */
public record RuntimeLaunch(int descriptor, Runnable ended) {
    /** The environment variable with the number of the socket's descriptor. */
    public static final String SOCKET = "NRI_PLUGIN_SOCKET";

    /**
     * Reads the environment; empty if this process was not started by a runtime.
     *
     * @throws StartException if the variable is there but names no descriptor
     */
    public static Optional<RuntimeLaunch> of(Map<String, String> environment, Runnable ended) {
        String text = environment.get(SOCKET);
        if (text == null) {
            return Optional.empty();
        }
        try {
            int descriptor = Integer.parseInt(text);
            if (descriptor > 2) {
                return Optional.of(new RuntimeLaunch(descriptor, ended));
            }
        } catch (NumberFormatException notOne) {
            // Refused below, as a number under 3 is.
        }
        throw StartException.failed(
                SOCKET + " \"" + text + "\": must be a descriptor's number, 3 or more",
                new IllegalArgumentException(text));
    }
}
