package io.podslice.cgroups.systemd;

import java.nio.file.Path;
import java.util.List;

/**
 * A socket by which systemd's manager can be reached.
 *
 * @param socket the socket's file
 * @param isBus true for a bus, where systemd is one of many and has a name; false for a connection to systemd alone
 */
public record SystemdDoor(Path socket, boolean isBus) {
    /**
     * The sockets of PID 1, the best first. Its private one needs no bus daemon and is closed when systemd is executed
     * anew; the system bus stays open then.
     */
    public static final List<SystemdDoor> SYSTEM = List.of(
            new SystemdDoor(Path.of("/run/systemd/private"), false),
            new SystemdDoor(Path.of("/run/dbus/system_bus_socket"), true));

    @Override
    public String toString() {
        return (isBus ? "bus " : "") + socket;
    }
}
