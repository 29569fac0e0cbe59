package io.podslice.agent;

import java.util.Map;
import java.util.Optional;

/**
 * How a runtime has started this process as an NRI plugin: with a connected socket, and three environment variables that
 * say so.
 *
 * @param descriptor of the socket
 * @param ended what to do when the connection has ended
 */
public record RuntimeLaunch(int descriptor, Runnable ended) {
    /** The environment variable that says which descriptor it is. */
    public static final String SOCKET = "NRI_PLUGIN_SOCKET";

    /**
     * What the environment says; empty if this process was not started by a runtime.
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
            // Said below, as for a descriptor that cannot be.
        }
        throw StartException.failed(
                SOCKET + " \"" + text + "\": must be a descriptor's number, 3 or more",
                new IllegalArgumentException(text));
    }
}
