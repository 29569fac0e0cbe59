package io.podslice.agent.kubelet;

import io.podslice.agent.host.HostFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The changes of files by which the kubelet's next start has another endpoint. The flag is given where it wins over all other
 * places and where an upgrade of the node does not overwrite it: files that kubeadm writes stay as they are.
 */
final class EndpointPlan {
    private static final String FLAG = "--" + KubeletKey.ENDPOINT.flag();

    /** The flag with its value, as the last of which it counts; a quote ends the value. */
    private static final Pattern GIVEN = Pattern.compile(Pattern.quote(FLAG) + "[= ][^\\s\"']*");

    private static final String NAME = "90-podslice.conf";
    private static final String ORDER = "50-podslice.conf";

    private final HostFiles files;
    private final Kubelet kubelet;
    private final String endpoint;

    private EndpointPlan(HostFiles files, Kubelet kubelet, String endpoint) {
        this.files = files;
        this.kubelet = kubelet;
        this.endpoint = endpoint;
    }

    /**
     * Returns the edits, at most one of each file. The first makes the kubelet's unit start podslice before it.
     *
     * @param kubelet one that exists
     * @throws IOException if a file that would change cannot be read
     */
    static List<FileEdit> of(HostFiles files, Kubelet kubelet, String endpoint) throws IOException {
        EndpointPlan plan = new EndpointPlan(files, kubelet, endpoint);
        List<FileEdit> edits = new ArrayList<>();
        edits.add(plan.order());
        edits.add(plan.flag());
        return edits;
    }

    private FileEdit order() throws IOException {
        String unit = files.exists("/etc/systemd/system/podslice.socket")
                        || files.exists("/usr/lib/systemd/system/podslice.socket")
                        || files.exists("/lib/systemd/system/podslice.socket")
                ? "podslice.socket"
                : "podslice.service";
        return edit(
                unitFolder() + ORDER,
                "# Written by podslice kubelet attach; podslice kubelet detach takes it away.\n[Unit]\nWants=" + unit
                        + "\nAfter=" + unit + "\n");
    }

    private FileEdit flag() throws IOException {
        if (kubelet.distribution() != Distribution.NONE) {
            return edit(
                    kubelet.distribution().folder() + "/config.yaml.d/90-podslice.yaml",
                    "# Written by podslice kubelet attach; podslice kubelet detach takes it away.\nkubelet-arg+:\n  - \""
                            + KubeletKey.ENDPOINT.flag() + "=" + endpoint + "\"\n");
        }
        Setting present = kubelet.next(KubeletKey.ENDPOINT);
        if (!present.place().isFlag() && !kubelet.configDir().isEmpty()) {
            return dropIn();
        }
        Optional<KubeletUnit.ExtraArgs> extra = kubelet.unit().extraArgs();
        return extra.isPresent() && !isSetByUnit(extra.get()) ? extraArgs(extra.get()) : commandLine();
    }

    private boolean isSetByUnit(KubeletUnit.ExtraArgs extra) {
        KubeletUnit.Variable variable = kubelet.unit().variables().get(extra.variable());
        return variable != null && variable.place() == Setting.Place.UNIT;
    }

    /** A drop-in of {@code --config-dir}, whose name sorts after all others. */
    private FileEdit dropIn() throws IOException {
        List<String> names = files.names(kubelet.configDir());
        String name =
                names.stream().filter(other -> other.endsWith(".conf")).anyMatch(other -> other.compareTo(NAME) > 0)
                        ? "zz-podslice.conf"
                        : NAME;
        return edit(
                kubelet.configDir() + "/" + name,
                "# Written by podslice kubelet attach; podslice kubelet detach takes it away.\n"
                        + "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
                        + KubeletKey.ENDPOINT.key() + ": " + endpoint + "\n");
    }

    /** The environment file whose flags come last on the command line. */
    private FileEdit extraArgs(KubeletUnit.ExtraArgs extra) throws IOException {
        Optional<String> before = files.bytes(extra.file()).map(FileEdit::text);
        return new FileEdit(extra.file(), before, withFlag(before.orElse(""), extra.variable()));
    }

    private String withFlag(String text, String variable) {
        String flag = FLAG + "=" + endpoint;
        Pattern line = Pattern.compile("(?m)^[ \\t]*" + Pattern.quote(variable) + "=(.*)$");
        Matcher matcher = line.matcher(text);
        int start = -1;
        int end = -1;
        while (matcher.find()) {
            start = matcher.start(1);
            end = matcher.end(1);
        }
        if (start < 0) {
            String ended = text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
            return ended + variable + "=" + flag + "\n";
        }
        return text.substring(0, start) + withFlag(text.substring(start, end), flag, "") + text.substring(end);
    }

    /** Puts the flag in place of the one that is given, else at the end of the value, within its quotes. */
    private static String withFlag(String value, String flag, String separator) {
        Matcher given = GIVEN.matcher(value);
        if (given.find()) {
            return GIVEN.matcher(value).replaceAll(Matcher.quoteReplacement(flag));
        }
        String stripped = value.stripTrailing();
        if (stripped.length() >= 2 && (stripped.endsWith("\"") || stripped.endsWith("'"))) {
            String inside = stripped.substring(0, stripped.length() - 1);
            String gap = inside.length() == 1 ? separator : " ";
            return inside + gap + flag + stripped.charAt(stripped.length() - 1);
        }
        // A value of several words needs quotes in an environment file (systemd.exec(5) joins them without, too).
        return stripped.isEmpty() ? flag : "\"" + stripped + " " + flag + "\"";
    }

    /** A drop-in of the unit, with its command line and the flag at the end, where it wins over the same flag before it. */
    private FileEdit commandLine() throws IOException {
        return edit(
                unitFolder() + NAME,
                "# Written by podslice kubelet attach; podslice kubelet detach takes it away.\n[Service]\nExecStart=\nExecStart="
                        + kubelet.unit().command() + " " + FLAG + "=" + endpoint + "\n");
    }

    private String unitFolder() {
        return "/etc/systemd/system/" + kubelet.unitName() + ".d/";
    }

    private FileEdit edit(String path, String after) throws IOException {
        return new FileEdit(path, files.bytes(path).map(FileEdit::text), after);
    }
}
