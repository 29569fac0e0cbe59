package io.podslice.cgroups;

import java.util.List;

/**
 * The cgroup v2 tree as files; all access to it goes through this interface. Implementations: the kernel's own tree,
 * and the simulated tree of the demo and the tests.
 *
 * <p>All methods block, may be called from any thread, and throw {@link CgroupException} with the kernel's errno.
 */
public interface CgroupFiles {

    /** Returns the file's text without its final newline, e.g. {@code "max 100000"} for {@code read(p, "cpu.max")}. */
    String read(CgroupPath dir, String file);

    /** Writes the value by one write(2); the kernel may keep another value, which reading back shows. */
    void write(CgroupPath dir, String file, String value);

    /** Tells if the cgroup directory exists. */
    boolean exists(CgroupPath dir);

    /** Tells if the directory has this file; the files of a controller that is not enabled are missing. */
    boolean hasFile(CgroupPath dir, String file);

    /** Makes one level of directory, by mkdir(2): the parent must exist, the directory must not (else EEXIST). */
    void create(CgroupPath dir);

    /** Removes the directory, by rmdir(2); EBUSY while it has processes or child cgroups. */
    void remove(CgroupPath dir);

    /** Returns the size of a memory page in bytes: the kernel rounds limits of memory down to whole pages. */
    default long pageBytes() {
        return 4096;
    }

    /**
     * Returns the microseconds of CPU time a second to whose multiples the writer of {@code cpu.max} rounds a quota up; 1
     * where the file has every quota as it is written.
     */
    default long quotaStepMicros() {
        return 1;
    }

    /** Returns the names of the child cgroups, sorted. */
    List<String> children(CgroupPath dir);
}
