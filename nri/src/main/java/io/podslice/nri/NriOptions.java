package io.podslice.nri;

import java.nio.file.Path;

/**
 * How podslice makes itself known to the runtime.
 *
 * @param socket the runtime's NRI socket
 * @param name the plugin's name: letters, digits, and {@code _.+-}
 * @param index two digits; plugins are called in ascending order
 */
public record NriOptions(Path socket, String name, String index) {
    public NriOptions {
        if (!name.matches("[A-Za-z0-9_.+-]+")) {
            throw new IllegalArgumentException("name \"" + name + "\": letters, digits and _.+- only");
        }
        if (!index.matches("[0-9]{2}")) {
            throw new IllegalArgumentException("index \"" + index + "\": must be two digits");
        }
    }
}
