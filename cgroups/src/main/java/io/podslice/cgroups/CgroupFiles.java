package io.podslice.cgroups;

import java.util.List;

/**
 * The cgroup v2 tree as files, the only door to it. Implementations: the kernel's own tree, and the simulated one
 * that the demo and the tests run on.
 *
 * <p>All methods block, may be called from any thread, and throw {@link CgroupException} with the kernel's errno.
 */
public interface CgroupFiles {

    /** The file's text without its final newline, e.g. {@code read(p, "cpu.max")} is {@code "max 100000"}. */
    String read(CgroupPath dir, String file);

    /** One write(2) of the value; what the kernel makes of it is seen by reading back. */
    void write(CgroupPath dir, String file, String value);

    /** Whether the cgroup directory exists. */
    boolean exists(CgroupPath dir);

    /** Whether the directory has this file (a controller that is not enabled has none). */
    boolean hasFile(CgroupPath dir, String file);

    /** mkdir(2) of one level: the parent exists, the directory does not (else EEXIST). */
    void create(CgroupPath dir);

    /** rmdir(2): EBUSY while it has processes or child cgroups. */
    void remove(CgroupPath dir);

    /** Names of the child cgroups, sorted. */
    List<String> children(CgroupPath dir);
}
