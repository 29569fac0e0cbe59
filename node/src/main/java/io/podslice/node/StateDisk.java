package io.podslice.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/** Reads and writes the files of the state store's folder. Tests have one that fails. */
public interface StateDisk {

    /**
     * Opens the file, to be read in pieces and closed; empty if there is no such file.
     *
     * @throws IOException if it cannot be read, or is no regular file: a pipe would be waited for, a device has no end
     */
    Optional<InputStream> read(String name) throws IOException;

    /** Writes the content of a file, in pieces. */
    interface Content {
        /** Writes it. */
        void writeTo(OutputStream out) throws IOException;
    }

    /** Replaces the file atomically; its content is on disk on return. */
    void replace(String name, Content content) throws IOException;

    /**
     * Appends to the first {@code good} bytes of the file, which is made if there is none; bytes beyond those are cut
     * off first.
     *
     * @param good how many bytes of the file count
     * @param sync whether it must be on disk on return
     */
    void append(String name, long good, byte[] bytes, boolean sync) throws IOException;

    /** Gives the file another name beside its own, so that it outlives being replaced; for a file that is replaced only. */
    void keep(String name, String other) throws IOException;

    /** Renames the file; it replaces a file that had the new name. */
    void rename(String name, String other) throws IOException;

    /** Returns the file's path, for messages. */
    String path(String name);
}
