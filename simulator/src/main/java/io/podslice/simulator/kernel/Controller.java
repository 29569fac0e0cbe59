package io.podslice.simulator.kernel;

import java.util.List;

/** A cgroup controller: the state that it keeps for each cgroup where it is enabled, and the files that show it. */
interface Controller {

    /** Returns the controller's name, as in cgroup.controllers. */
    String name();

    /**
     * Returns true if the controller can be enabled among processes and their threads (cpu, cpuset, pids), not only
     * among cgroups.
     */
    boolean isThreaded();

    /** Starts to keep state for the cgroup; the root is the first, parents come before children. */
    void enabled(Cgroup cgroup);

    /** Drops the state of the cgroup; children go before parents. */
    void disabled(Cgroup cgroup);

    /** Returns the names of the controller's files in a cgroup where it is enabled. */
    List<String> files(Cgroup cgroup);

    /** Returns a file's text without its final newline. */
    String read(Cgroup cgroup, String file);

    /**
     * Writes to one of the controller's files.
     *
     * @param text as written, with the newline at its end if there was one
     */
    void write(Cgroup cgroup, String file, String text);

    /** Throws if no process may be moved into the cgroup. */
    void checkAttach(Cgroup cgroup);
}
