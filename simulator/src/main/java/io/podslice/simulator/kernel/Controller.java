package io.podslice.simulator.kernel;

import java.util.List;

/** A cgroup controller: the state that it keeps for each cgroup where it is enabled, and the files that show it. */
interface Controller {

    /** As in cgroup.controllers. */
    String name();

    /** Whether it can be enabled among processes and their threads (cpu, cpuset, pids), not only among groups. */
    boolean isThreaded();

    /** It is enabled in the cgroup from now on; the root is the first, parents come before children. */
    void enabled(Cgroup cgroup);

    /** It is not enabled there any more; children go before parents. */
    void disabled(Cgroup cgroup);

    /** Names of the files that it has in a cgroup where it is enabled. */
    List<String> files(Cgroup cgroup);

    /** A file's text without its final newline. */
    String read(Cgroup cgroup, String file);

    /**
     * Writes to one of its files.
     *
     * @param text as written, with the newline at its end if there was one
     */
    void write(Cgroup cgroup, String file, String text);

    /** Refuses a process that is to be moved into the cgroup. */
    void checkAttach(Cgroup cgroup);
}
