package io.podslice.agent.doctor;

import java.util.List;
import java.util.Map;

/** Checks of podslice's own configuration, sockets and unit, and of the pods that run. Pure. */
final class ServiceChecks {
    private static final int MOST_NAMED = 5;

    private ServiceChecks() {}

    static Finding configuration(NodeRecord node) {
        String check = "configuration";
        NodeRecord.Service service = node.service();
        if (!service.configErrors().isEmpty()) {
            return Finding.fault(
                    check,
                    "the configuration has mistakes: " + listed(service.configErrors()),
                    "podslice config check shows each with its line");
        }
        return Finding.ok(check, service.configFile().isEmpty() ? "the defaults" : service.configFile());
    }

    static Finding machineFit(NodeRecord node) {
        List<String> misfits = node.service().misfits();
        return misfits.isEmpty()
                ? Finding.ok("machine-fit", "the machine has what the configuration asks for")
                : Finding.fault(
                        "machine-fit",
                        "the machine cannot give what the configuration asks for: " + listed(misfits),
                        "change these keys in " + node.service().configFile());
    }

    static Finding socketsDiffer(NodeRecord node) {
        String check = "sockets-differ";
        String listen = node.configuration().shim().listen().toString();
        String runtime = node.configuration().shim().runtime().toString();
        return KubeletChecks.isSocket(runtime, listen)
                ? Finding.fault(
                        check,
                        "shim.listen and shim.runtime are both " + listen + ": podslice would call itself",
                        "set shim.runtime to the runtime's own socket")
                : Finding.ok(check, listen + " in front of " + runtime);
    }

    static Finding shimSocket(NodeRecord node) {
        String check = "shim-socket";
        NodeRecord.Socket socket = node.service().shim();
        if (!socket.answers()) {
            return Finding.fault(
                    check,
                    "shim.listen " + socket.path() + ": " + socket.problem() + ": podslice does not listen",
                    node.service().isInstalled()
                            ? "systemctl start podslice; journalctl -u podslice says why it ended"
                            : "podslice is not installed as a service: systemd/install, or podslice serve");
        }
        return socket.isOpenToAll()
                ? Finding.fault(
                        check,
                        socket.path() + " has mode " + socket.mode() + ": every user of the node can connect",
                        "chmod 660 " + socket.path() + "; podslice gives it the mode of the runtime's socket")
                : Finding.ok(check, socket.path() + " " + socket.mode());
    }

    static Finding apiSocket(NodeRecord node) {
        String check = "api-socket";
        NodeRecord.Socket socket = node.service().api();
        if (!socket.answers()) {
            return Finding.fault(
                    check,
                    "api.listen " + socket.path() + ": " + socket.problem()
                            + ": podslice status and resize cannot work",
                    "the log says why it could not be opened");
        }
        return socket.isOpenToAll()
                ? Finding.fault(
                        check,
                        socket.path() + " has mode " + socket.mode() + ": every user of the node can connect",
                        "chmod 660 " + socket.path())
                : Finding.ok(check, socket.path() + " " + socket.mode());
    }

    static Finding ready(NodeRecord node) {
        String check = "ready";
        NodeRecord.Service service = node.service();
        if (!service.api().answers()) {
            return Finding.note(check, "not known: the node API does not answer", "");
        }
        return service.notReady().isEmpty()
                ? Finding.ok(check, "podslice manages the pods of this node")
                : Finding.fault(
                        check,
                        "podslice runs and manages no pods: " + service.notReady(),
                        "it refuses the pods that ask something of it until that is changed");
    }

    static Finding version(NodeRecord node) {
        String check = "version";
        NodeRecord.Service service = node.service();
        if (service.version().isEmpty() || service.ownVersion().isEmpty()) {
            return Finding.note(
                    check,
                    "running: " + (service.version().isEmpty() ? "not known" : service.version()) + ", installed: "
                            + (service.ownVersion().isEmpty() ? "not known" : service.ownVersion()),
                    "");
        }
        return service.version().equals(service.ownVersion())
                ? Finding.ok(check, service.version())
                : Finding.fault(
                        check,
                        "podslice " + service.version() + " runs, and " + service.ownVersion() + " is installed",
                        "systemctl restart podslice; pods run on meanwhile");
    }

    static Finding boot(NodeRecord node) {
        String check = "boot";
        NodeRecord.Service service = node.service();
        if (!service.isInstalled()) {
            return Finding.note(check, "podslice is not installed as a service", "");
        }
        return service.isEnabled()
                ? Finding.ok(check, "podslice starts with the node")
                : Finding.fault(
                        check,
                        "podslice.service is not enabled: after a reboot a kubelet that is attached has no runtime",
                        "systemctl enable podslice");
    }

    static Finding stateFolder(NodeRecord node) {
        String check = "state-folder";
        String mode = node.service().stateFolder();
        String path = node.configuration().stateDir().toString();
        if (mode.isEmpty()) {
            return Finding.note(check, "state.dir " + path + " does not exist yet", "");
        }
        return mode.length() == 9 && mode.charAt(7) == 'w'
                ? Finding.fault(
                        check,
                        "state.dir " + path + " has mode " + mode
                                + ": every user of the node can change what podslice knows of the pods",
                        "chmod 700 " + path)
                : Finding.ok(check, path + " " + mode);
    }

    static Finding pods(NodeRecord node) {
        String check = "pods";
        NodeRecord.Pods pods = node.pods();
        if (pods.running() < 0) {
            return Finding.note(
                    check, "not looked at: the runtime, the machine or the configuration is not usable", "");
        }
        String counts = pods.running() + " running, " + pods.asking() + " of them with annotations of podslice's";
        if (pods.refused().isEmpty()) {
            return Finding.ok(check, counts + "; none would be refused");
        }
        List<String> named = pods.refused().entrySet().stream()
                .map((Map.Entry<String, String> pod) -> pod.getKey() + ": " + pod.getValue())
                .toList();
        return Finding.fault(
                check,
                counts + "; " + pods.refused().size() + " would be refused if they came anew: " + listed(named),
                "podslice plan --explain with the pod's manifest shows what would fit");
    }

    static Finding unreadable(NodeRecord node) {
        return node.unreadable().isEmpty()
                ? Finding.ok("unreadable", "every file that is there was read")
                : Finding.note("unreadable", listed(node.unreadable()), "run the command as root");
    }

    private static String listed(List<String> lines) {
        List<String> first = lines.subList(0, Math.min(MOST_NAMED, lines.size()));
        String rest = lines.size() > MOST_NAMED ? "; and " + (lines.size() - MOST_NAMED) + " more" : "";
        return String.join("; ", first) + rest;
    }
}
