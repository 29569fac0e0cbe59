package io.podslice.integration.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A node with a stand-in for a kubelet, to which podslice comes as a Debian package. */
final class PackagedNode {
    /** The version of {@link #PREVIOUS}. */
    static final String PREVIOUS_VERSION = "0.0.1";

    static final String PREVIOUS = "/payload/previous.deb";
    static final String NEXT = "/payload/next.deb";
    static final String PODSLICE = "/usr/bin/podslice";
    static final Path CONFIGURATION = Path.of("/etc/podslice/podslice.yaml");

    private PackagedNode() {}

    /** Starts the stand-in for a kubelet, whose endpoint is containerd's. */
    static void startKubelet() {
        var _ = Systemd.run(List.of("/payload/kubelet/install"));
        var _ = Systemd.ctl("daemon-reload");
        var _ = Systemd.ctl("start", "kubelet");
    }

    /** Installs a package, and gives decisions the time that emulated CPUs need, which is less than the kubelet waits. */
    static void install(String file) {
        var _ = dpkg("--install", file);
        try {
            Files.writeString(
                    CONFIGURATION,
                    Files.readString(CONFIGURATION).replaceAll("(?m)^( +decisionBudget:).*$", "$1 100s"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot edit " + CONFIGURATION, e);
        }
    }

    static void enable() {
        var _ = Systemd.ctl("enable", "--now", "podslice");
    }

    /** Points the kubelet at podslice, and returns what the command says. */
    static String attach() {
        return Systemd.run(List.of(PODSLICE, "kubelet", "attach", "--timeout", "600"));
    }

    /** Returns the installed version of the package. */
    static String version() {
        return Systemd.run(List.of("dpkg-query", "--show", "--showformat=${Version}", "podslice"))
                .strip();
    }

    static String dpkg(String... arguments) {
        return Systemd.run(dpkgLine(arguments));
    }

    /** Returns the line of a call of dpkg: the VM's C library is no package there, and it has no ldconfig. */
    static List<String> dpkgLine(String... arguments) {
        List<String> line = new ArrayList<>(List.of("dpkg", "--force-depends", "--force-bad-path"));
        line.addAll(List.of(arguments));
        return line;
    }

    /** Returns a unit's state, such as {@code active}. */
    static String state(String unit) {
        return Systemd.ctl("show", unit, "--property=ActiveState", "--value").strip();
    }
}
