package io.podslice.node;

import java.io.IOException;
import java.util.Optional;

/** Reads and writes the files of the state store's folder. Tests have one that fails. */
public interface StateDisk {

    /** Returns the file's content; empty if there is no such file. */
    Optional<byte[]> read(String name) throws IOException;

    /** Replaces the file atomically; its content is on disk on return. */
    void replace(String name, byte[] content) throws IOException;

    /**
     * Appends to the first {@code good} bytes of the file, which is made if there is none; bytes beyond those are cut
     * off first.
     *
     * @param good how many bytes of the file count
     * @param sync whether it must be on disk on return
     */
    void append(String name, long good, byte[] bytes, boolean sync) throws IOException;

    /** Renames the file; it replaces a file that had the new name. */
    void rename(String name, String other) throws IOException;

    /** Returns the file's path, for messages. */
    String path(String name);
}
