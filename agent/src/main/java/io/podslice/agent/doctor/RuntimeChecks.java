package io.podslice.agent.doctor;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks of the container runtime and its NRI. Pure. */
final class RuntimeChecks {
    private static final Pattern VERSION = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4}).*");

    private RuntimeChecks() {}

    static Finding socket(NodeRecord node) {
        String check = "runtime-socket";
        NodeRecord.Socket socket = node.runtime().socket();
        if (!socket.exists()) {
            return Finding.fault(
                    check,
                    "shim.runtime " + socket.path() + ": no such socket",
                    "start containerd, or set shim.runtime to its socket (k3s: /run/k3s/containerd/containerd.sock)");
        }
        if (!socket.answers()) {
            return Finding.fault(
                    check,
                    "shim.runtime " + socket.path() + ": no answer: " + socket.problem(),
                    "look at journalctl -u containerd; as another user than root the socket cannot be opened");
        }
        if (socket.isOpenToAll()) {
            return Finding.fault(
                    check,
                    socket.path() + " has mode " + socket.mode() + ": every user of the node may command the runtime",
                    "chmod 660 " + socket.path());
        }
        return Finding.ok(check, socket.path() + " answers");
    }

    static Finding version(NodeRecord node) {
        String check = "runtime-version";
        NodeRecord.ContainerRuntime runtime = node.runtime();
        if (runtime.name().isEmpty()) {
            return Finding.note(check, "not known: the runtime does not answer", "");
        }
        String text = runtime.name() + " " + runtime.version();
        if (!runtime.name().equals("containerd")) {
            return Finding.fault(
                    check,
                    text
                            + ": only containerd is supported; of other runtimes podslice does not know the containers' cgroups",
                    "");
        }
        return isBefore(runtime, 1, 7)
                ? Finding.fault(check, text + " is older than 1.7", "upgrade containerd to 1.7 or later")
                : Finding.ok(check, text);
    }

    private static boolean isBefore(NodeRecord.ContainerRuntime runtime, int major, int minor) {
        Optional<int[]> version = numbers(runtime.version());
        return version.isPresent()
                && (version.get()[0] < major || (version.get()[0] == major && version.get()[1] < minor));
    }

    private static Optional<int[]> numbers(String text) {
        Matcher matcher = VERSION.matcher(text);
        return matcher.matches()
                ? Optional.of(new int[] {Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))})
                : Optional.empty();
    }

    static Finding nri(NodeRecord node) {
        String check = "nri";
        NodeRecord.Socket socket = node.runtime().nriSocket();
        boolean wanted = node.configuration().nri().enabled();
        if (socket.exists() && (socket.answers() || !wanted)) {
            return Finding.ok(check, socket.path() + (wanted ? " answers" : " is there; nri.enabled is false"));
        }
        if (!wanted) {
            return Finding.ok(check, "not used (nri.enabled: false)");
        }
        return socket.exists()
                ? Finding.fault(
                        check,
                        "nri.socket " + socket.path() + ": no answer: " + socket.problem(),
                        "look at journalctl -u containerd")
                : Finding.fault(
                        check,
                        "nri.enabled is true, and there is no " + socket.path() + ": the runtime's NRI is off",
                        "podslice nri enable, which says what to do; then restart containerd");
    }
}
