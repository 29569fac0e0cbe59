package io.podslice.agent.kubelet;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The service manager of a node: systemd, or a test's. All methods block. */
public interface ServiceManager {

    /**
     * Reads all unit files again.
     *
     * @throws IOException with what the manager says
     */
    void reload() throws IOException;

    /**
     * Restarts a unit, or starts it.
     *
     * @throws IOException with what the manager says
     */
    void restart(String unit) throws IOException;

    /**
     * Enables a unit and starts it.
     *
     * @throws IOException with what the manager says
     */
    void enable(String unit) throws IOException;

    /** Tells if a unit is active. */
    boolean isActive(String unit);

    /**
     * Lets the manager run a command later, whatever becomes of this process.
     *
     * @param name of the timer, to cancel it by
     * @throws IOException with what the manager says
     */
    void schedule(String name, Duration after, List<String> command) throws IOException;

    /** Cancels a timer; does nothing if there is none, or its command runs already. */
    void cancel(String name);
}
