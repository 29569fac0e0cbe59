package io.podslice.agent.replay;

import java.nio.file.Path;

/**
 * The place of an entry.
 *
 * @param offset bytes of the file before it
 */
public record Place(Path file, long offset) {

    /** Returns the place for messages. */
    @Override
    public String toString() {
        return file + ": byte " + offset;
    }
}
