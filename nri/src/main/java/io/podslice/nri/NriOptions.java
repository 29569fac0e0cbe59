package io.podslice.nri;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The socket and the name with which podslice registers at the runtime.
 *
 * @param socket the runtime's NRI socket
 * @param name the plugin's name: letters, digits, and {@code _.+-}
 * @param index two digits; plugins are called in ascending order
 * @param patience the longest time that the runtime may leave a registration unanswered, be silent in the middle of a
 *     message, or read nothing of what is written to it, before podslice hangs up
 */
public record NriOptions(Path socket, String name, String index, Duration patience) {
    /**
     * Longer than several registrations: the runtime accepts one plugin at a time, and gives each of those before
     * podslice 5 s to register.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Options with the patience that a busy runtime needs. */
    public NriOptions(Path socket, String name, String index) {
        this(socket, name, index, PATIENCE);
    }

    public NriOptions {
        if (!name.matches("[A-Za-z0-9_.+-]+")) {
            throw new IllegalArgumentException("name \"" + name + "\": letters, digits and _.+- only");
        }
        if (!index.matches("[0-9]{2}")) {
            throw new IllegalArgumentException("index \"" + index + "\": must be two digits");
        }
    }
}
