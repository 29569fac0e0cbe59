package io.podslice.agent.install;

import java.util.List;

/**
 * The service manager of the node that podslice is installed on: systemd, or a test's. All methods block, and throw {@link
 * io.podslice.cgroups.systemd.SystemdException} with what it says.
 */
public interface HostUnits {
    /** Reads all unit files again. */
    void reload();

    /** Enables units that have files. */
    void enable(List<String> units);

    /** Removes the links that enabling has made. */
    void disable(List<String> units);

    /** Starts a unit and waits until it is active; does nothing where it is. */
    void start(String unit);

    /** Restarts a unit and waits until it is active. */
    void restart(String unit);

    /** Lets a unit read its configuration again. */
    void reload(String unit);

    /** Stops a unit; does nothing where there is none. */
    void stop(String unit);

    /** Tells if a unit is active. */
    boolean isActive(String unit);

    /**
     * Runs a program on the node itself and waits for its end.
     *
     * @param name of the service as which it runs, without the suffix
     * @param command the program's absolute path on the node and its arguments
     * @throws InstallException if it did not end with status 0; with the end of what it has printed
     */
    void run(String name, List<String> command) throws InstallException;

    /**
     * Removes empty folders on the node itself; one that has something in it stays.
     *
     * @param folders absolute paths on the node
     */
    void remove(List<String> folders);
}
