package io.podslice.agent.install;

import io.podslice.agent.host.HostFiles;
import io.podslice.cgroups.systemd.ServiceUnits;
import io.podslice.cgroups.systemd.SystemdException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The node's systemd over its private socket, which is below the node's root. For one thread. */
public final class SystemdHost implements HostUnits, AutoCloseable {
    private static final String SOCKET = "/run/systemd/private";

    /** The time for a start: the unit's own limit is 90 s, and a node may be busy. */
    private static final Duration JOB = Duration.ofMinutes(3);

    /** An attach takes two minutes, and two more where it puts everything back. */
    private static final Duration RUN = Duration.ofMinutes(8);

    private static final int MOST_OUTPUT = 4096;

    private final HostFiles files;
    private final ServiceUnits units;

    private SystemdHost(HostFiles files, ServiceUnits units) {
        this.files = files;
        this.units = units;
    }

    /**
     * Connects to a node's systemd.
     *
     * @throws InstallException if the node has none, or it does not answer
     */
    public static SystemdHost open(HostFiles files) throws InstallException {
        if (!files.exists(SOCKET)) {
            throw new InstallException(
                    files.at(SOCKET) + ": no such socket: podslice is a service of systemd's, which does"
                            + " not run on this node or is not mounted here; without systemd podslice runs as NRI plugin alone"
                            + " (the chart's mode: nri)");
        }
        try {
            return new SystemdHost(files, ServiceUnits.open(files.at(SOCKET)));
        } catch (SystemdException e) {
            throw new InstallException("this node's systemd cannot be asked: " + e.getMessage(), e);
        }
    }

    @Override
    public void reload() {
        units.reload();
    }

    @Override
    public void enable(List<String> names) {
        units.enable(names);
    }

    @Override
    public void disable(List<String> names) {
        units.disable(names);
    }

    @Override
    public void start(String unit) {
        units.start(unit, JOB);
    }

    @Override
    public void restart(String unit) {
        units.restart(unit, JOB);
    }

    @Override
    public void reload(String unit) {
        units.reload(unit, JOB);
    }

    @Override
    public void stop(String unit) {
        units.stop(unit, JOB);
    }

    @Override
    public boolean isActive(String unit) {
        return units.state(unit).equals("active");
    }

    @Override
    public void run(String name, List<String> command) throws InstallException {
        String log = InstallLayout.RUN + "/" + name + ".log";
        // The output of such a service goes to the journal alone, which a container does not see.
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" > " + log + " 2>&1", "sh"));
        line.addAll(command);
        try {
            units.run(name + ".service", "podslice: " + String.join(" ", command), line, RUN);
        } catch (SystemdException e) {
            if (e.errorName().equals(SystemdException.UNIT_EXISTS)) {
                throw new InstallException(name + ".service runs already: an earlier pod has begun it; try again", e);
            }
            throw new InstallException(String.join(" ", command) + ": " + said(log, e), e);
        }
    }

    @Override
    public void remove(List<String> folders) {
        List<String> line = new ArrayList<>(
                List.of("/bin/sh", "-c", "for folder; do rmdir \"$folder\" 2>/dev/null || :; done", "sh"));
        line.addAll(folders);
        units.run("podslice-folders.service", "podslice: removes empty folders", line, RUN);
    }

    private String said(String log, SystemdException e) {
        try {
            return files.tail(log, MOST_OUTPUT)
                    .map(text -> String.join(" / ", text.strip().split("\n")))
                    .filter(text -> !text.isEmpty())
                    .orElse(String.valueOf(e.getMessage()));
        } catch (IOException unreadable) {
            e.addSuppressed(unreadable);
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public void close() {
        units.close();
    }
}
