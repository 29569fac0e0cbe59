package io.podslice.agent.doctor;

import io.podslice.agent.config.GoDuration;
import io.podslice.agent.kubelet.Kubelet;
import io.podslice.agent.kubelet.KubeletKey;
import io.podslice.agent.kubelet.Setting;
import io.podslice.cgroups.CgroupDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Checks of the kubelet's settings. Pure. */
final class KubeletChecks {
    private KubeletChecks() {}

    /** Judges a node that has a kubelet; the finding of any other says that there is none. */
    private static Finding with(NodeRecord node, String check, Function<Kubelet, Finding> look) {
        return node.kubelet()
                .filter(Kubelet::exists)
                .map(look)
                .orElseGet(() -> Finding.note(check, "not looked at: no kubelet was found", ""));
    }

    static Finding present(NodeRecord node) {
        String check = "kubelet";
        Optional<Kubelet> kubelet = node.kubelet();
        if (kubelet.isEmpty() || !kubelet.get().exists()) {
            return Finding.note(
                    check, "no kubelet runs, and there is no kubelet.service, k3s or RKE2; crictl needs none", "");
        }
        return kubelet.get()
                .process()
                .map(process -> Finding.ok(
                        check,
                        "runs as process " + process.pid() + ", from "
                                + kubelet.get().unitName()))
                .orElseGet(() -> Finding.fault(
                        check,
                        kubelet.get().unitName() + " is installed, and does not run",
                        "look at journalctl -u " + kubelet.get().unitName()));
    }

    static Finding endpoint(NodeRecord node) {
        String check = "kubelet-endpoint";
        return with(node, check, kubelet -> {
            Setting endpoint = kubelet.running(KubeletKey.ENDPOINT);
            String text = endpoint.value() + " (" + endpoint.where() + ")";
            String shim = node.configuration().shim().listen().toString();
            if (isSocket(endpoint.value(), shim)) {
                return Finding.ok(check, text);
            }
            if (node.configuration().nri().enabled()) {
                return Finding.ok(check, text + ", past podslice, which sees pods by NRI");
            }
            return Finding.fault(
                    check,
                    "the kubelet connects to " + text + ", past podslice at unix://" + shim,
                    "podslice kubelet attach");
        });
    }

    /** Tells if an endpoint is that socket; {@code /var/run} is {@code /run} on every system that has systemd. */
    static boolean isSocket(String endpoint, String path) {
        String given = endpoint.startsWith("unix://") ? endpoint.substring("unix://".length()) : endpoint;
        return given.equals(path) || given.equals("/var" + path) || ("/var" + given).equals(path);
    }

    static Finding restart(NodeRecord node) {
        String check = "kubelet-restart";
        return with(node, check, kubelet -> {
            List<String> changed = new ArrayList<>();
            for (KubeletKey key : KubeletKey.values()) {
                String now = kubelet.running(key).value();
                String next = kubelet.next(key).value();
                if (!now.equals(next)) {
                    changed.add("--" + key.flag() + " from \"" + now + "\" to \"" + next + "\" ("
                            + kubelet.next(key).where() + ")");
                }
            }
            return changed.isEmpty()
                    ? Finding.ok(check, "the kubelet runs with what its files say")
                    : Finding.fault(
                            check,
                            "the next restart of the kubelet changes " + String.join(", ", changed),
                            "restart it when that is right, or put the file back");
        });
    }

    static Finding cpuManager(NodeRecord node) {
        return off(node, "kubelet-cpu-manager", KubeletKey.CPU_MANAGER, "gives out the same CPUs as podslice");
    }

    static Finding memoryManager(NodeRecord node) {
        return off(
                node, "kubelet-memory-manager", KubeletKey.MEMORY_MANAGER, "binds containers to NUMA nodes of its own");
    }

    static Finding topologyManager(NodeRecord node) {
        return off(node, "kubelet-topology-manager", KubeletKey.TOPOLOGY_MANAGER, "refuses pods by hints of its own");
    }

    private static Finding off(NodeRecord node, String check, KubeletKey key, String effect) {
        return with(node, check, kubelet -> {
            Setting setting = kubelet.running(key);
            return setting.value().equalsIgnoreCase("none")
                    ? Finding.ok(check, key.key() + " " + setting.value())
                    : Finding.fault(
                            check,
                            key.key() + " is " + setting.value() + " (" + setting.where() + "): the kubelet " + effect,
                            "drain the node, set " + key.key() + ": "
                                    + (key == KubeletKey.MEMORY_MANAGER ? "None" : "none")
                                    + ", remove the kubelet's cpu_manager_state and memory_manager_state, and restart it");
        });
    }

    static Finding stateFiles(NodeRecord node) {
        String check = "kubelet-state-files";
        return with(node, check, kubelet -> {
            for (Map.Entry<String, String> file : node.managerStates().entrySet()) {
                KubeletKey key = file.getKey().endsWith("cpu_manager_state")
                        ? KubeletKey.CPU_MANAGER
                        : KubeletKey.MEMORY_MANAGER;
                String policy = kubelet.next(key).value();
                if (!file.getValue().equalsIgnoreCase(policy)) {
                    return Finding.fault(
                            check,
                            file.getKey() + " is of policy " + file.getValue() + ", and " + key.key() + " is " + policy
                                    + ": the kubelet does not start with it",
                            "drain the node, remove the file, and restart the kubelet");
                }
            }
            return Finding.ok(check, node.managerStates().isEmpty() ? "none" : "as configured");
        });
    }

    static Finding cgroupDriver(NodeRecord node) {
        String check = "kubelet-cgroup-driver";
        return with(node, check, kubelet -> {
            Optional<CgroupDriver> runtime = node.runtime().driver();
            Setting setting = kubelet.running(KubeletKey.CGROUP_DRIVER);
            if (runtime.isPresent()) {
                // From 1.36 on a kubelet takes a runtime's answer in place of its own setting.
                return setting.place() == Setting.Place.DEFAULT
                                || setting.value().equals(runtime.get().text())
                        ? Finding.ok(check, runtime.get().text())
                        : Finding.fault(
                                check,
                                "cgroupDriver is " + setting.value() + " (" + setting.where()
                                        + "), and the runtime's driver is "
                                        + runtime.get().text(),
                                "give both one driver, and reboot the node");
            }
            return Finding.ok(check, setting.value() + "; the runtime does not tell its own");
        });
    }

    static Finding cgroupRoot(NodeRecord node) {
        String check = "kubelet-cgroup-root";
        return with(node, check, kubelet -> {
            Setting setting = kubelet.running(KubeletKey.CGROUP_ROOT);
            String root = setting.value().equals("/") ? "" : setting.value();
            String expected = root + "/kubepods";
            String configured = node.configuration().cgroups().kubepods().toString();
            return configured.equals(expected)
                    ? Finding.ok(check, "pods are below " + configured)
                    : Finding.fault(
                            check,
                            "cgroupRoot is \"" + setting.value() + "\" (" + setting.where()
                                    + "), so that pods are below " + expected + ", and cgroups.kubepods is "
                                    + configured,
                            "set cgroups.kubepods: " + expected);
        });
    }

    static Finding timeout(NodeRecord node) {
        String check = "kubelet-timeout";
        return with(node, check, kubelet -> {
            Setting setting = kubelet.running(KubeletKey.REQUEST_TIMEOUT);
            Duration timeout;
            try {
                timeout = GoDuration.parse(setting.value());
            } catch (IllegalArgumentException e) {
                return Finding.note(check, "runtimeRequestTimeout \"" + setting.value() + "\": " + e.getMessage(), "");
            }
            Duration budget = node.configuration().shim().decisionBudget();
            boolean isUnset = timeout.isZero();
            return isUnset || timeout.compareTo(budget) > 0
                    ? Finding.ok(check, "runtimeRequestTimeout " + setting.value())
                    : Finding.fault(
                            check,
                            "runtimeRequestTimeout " + setting.value() + " (" + setting.where()
                                    + ") is not above shim.decisionBudget, " + budget.toMillis() + " ms",
                            "lower shim.decisionBudget, or raise runtimeRequestTimeout");
        });
    }
}
