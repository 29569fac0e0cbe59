package io.podslice.agent.install;

import io.podslice.agent.host.NodeFolder;
import io.podslice.cgroups.systemd.SystemdException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Stands in for a node's systemd: units that are active, and the links of those that are enabled. */
class HostDouble implements HostUnits {
    /** This process ends in the middle, as by SIGKILL. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final String WANTS = "/etc/systemd/system/multi-user.target.wants/";

    private final NodeFolder node;
    private final Set<String> active = new HashSet<>();
    private final Set<String> failing = new HashSet<>();
    private final List<String> calls = new ArrayList<>();
    private int left = Integer.MAX_VALUE;
    private String started = "";
    private String output = "";

    HostDouble(NodeFolder node) {
        this.node = node;
    }

    /** Lets a call fail, by the words that {@link #calls} has for it. */
    void fail(String call) {
        failing.add(call);
    }

    void heal() {
        failing.clear();
    }

    /** Lets this process be killed before the call of that number is done. */
    void killAt(int number) {
        left = number;
    }

    void killNoMore() {
        left = Integer.MAX_VALUE;
    }

    /** Sets what a program that fails has printed. */
    void print(String text) {
        output = text;
    }

    /** Returns the calls, in their order, and forgets them. */
    List<String> calls() {
        List<String> all = List.copyOf(calls);
        calls.clear();
        return all;
    }

    /** Returns the release with which the service was started last. */
    String started() {
        return started;
    }

    private void called(String call) {
        if (left-- == 0) {
            throw new Killed();
        }
        calls.add(call);
        if (failing.contains(call)) {
            throw new SystemdException(SystemdException.JOB_FAILED, call + ": job result \"failed\"");
        }
    }

    @Override
    public void reload() {
        called("daemon-reload");
    }

    @Override
    public void enable(List<String> units) {
        called("enable " + String.join(" ", units));
        for (String unit : units) {
            if (!Files.isSymbolicLink(node.at(WANTS + unit))) {
                node.link(WANTS + unit, "../" + unit);
            }
        }
    }

    @Override
    public void disable(List<String> units) {
        called("disable " + String.join(" ", units));
        units.stream()
                .filter(unit -> Files.isSymbolicLink(node.at(WANTS + unit)))
                .forEach(unit -> node.remove(WANTS + unit));
    }

    @Override
    public void start(String unit) {
        called("start " + unit);
        run(unit);
    }

    @Override
    public void restart(String unit) {
        called("restart " + unit);
        run(unit);
    }

    private void run(String unit) {
        active.add(unit);
        if (unit.equals("podslice.service")) {
            started = node.text("/opt/podslice/current/release").strip();
            node.put("/var/lib/podslice/state.json", "{}").put("/run/podslice/podslice.sock", "");
        }
    }

    @Override
    public void reload(String unit) {
        called("reload " + unit);
    }

    @Override
    public void stop(String unit) {
        called("stop " + unit);
        active.remove(unit);
    }

    @Override
    public boolean isActive(String unit) {
        return active.contains(unit);
    }

    @Override
    public void run(String name, List<String> command) throws InstallException {
        try {
            called("run " + String.join(" ", command));
        } catch (SystemdException e) {
            throw new InstallException(String.join(" ", command) + ": it said so; " + output, e);
        }
    }

    @Override
    public void remove(List<String> folders) {
        called("rmdir " + String.join(" ", folders));
    }
}
