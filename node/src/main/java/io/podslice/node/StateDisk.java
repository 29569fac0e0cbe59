package io.podslice.node;

import java.io.IOException;
import java.util.Optional;

/** What the state store does to its folder, file by file; the folder itself, or one that fails in tests. */
public interface StateDisk {

    /** The file's content; empty where there is no such file. */
    Optional<byte[]> read(String name) throws IOException;

    /** Replaces the file at once or not at all, on disk on return. */
    void replace(String name, byte[] content) throws IOException;

    /**
     * Writes at the end of what is good of the file, made where there is none; what lies beyond is cut off first.
     *
     * @param good how many bytes of the file count
     * @param sync whether it must be on disk on return
     */
    void append(String name, long good, byte[] bytes, boolean sync) throws IOException;

    /** Gives the file another name; whatever had that name is gone. */
    void rename(String name, String other) throws IOException;

    /** For messages: where the file is. */
    String path(String name);
}
