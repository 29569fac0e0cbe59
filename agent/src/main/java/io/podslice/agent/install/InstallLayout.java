package io.podslice.agent.install;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The places on a node that an installation has.
 *
 * @param home the folder for the program, absolute, of which this installation is the only user
 */
public record InstallLayout(String home) {
    /** The folder that the service's units and the chart name. */
    public static final String USUAL_HOME = "/opt/podslice";

    static final String CONFIG = "/etc/podslice/podslice.yaml";
    static final String STATE = "/var/lib/podslice";
    static final String RUN = "/run/podslice";
    /** It is there while the kubelet is attached, or an attach is under way. */
    static final String ATTACHMENT = STATE + "/kubelet.json";

    static final String SOCKET = "podslice.socket";
    static final String SERVICE = "podslice.service";

    /** systemd/install writes units for that folder, and a package for its own. */
    private static final String IN_UNITS = "/opt/podslice/";

    /** Characters that neither a unit file nor a shell gives a meaning. */
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)+");

    /** @throws IllegalArgumentException if it is no absolute path of plain characters */
    public InstallLayout {
        if (!PATH.matcher(home).matches()) {
            throw new IllegalArgumentException(
                    home + ": must be an absolute path of letters, digits and the characters . _ + -");
        }
    }

    String releases() {
        return home + "/releases";
    }

    /** The link to the release in use. */
    String current() {
        return home + "/current";
    }

    /** The link by which units name the program, whatever the release. */
    String bin() {
        return home + "/bin";
    }

    String program() {
        return bin() + "/podslice";
    }

    /** The script that keeps the cpuset controller in the slices of pods. */
    String slices() {
        return bin() + "/podslice-slices";
    }

    String record() {
        return home + "/installed.json";
    }

    static String unit(String name) {
        return "/etc/systemd/system/" + name;
    }

    /** The socket first, without which the service does not start. */
    static List<String> units() {
        return List.of(SOCKET, SERVICE);
    }

    /** Returns a unit's text for this folder. */
    String placed(String unit) {
        return unit.replace(IN_UNITS, home + "/");
    }
}
