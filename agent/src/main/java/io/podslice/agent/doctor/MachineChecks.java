package io.podslice.agent.doctor;

import io.podslice.cgroups.CgroupDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks of kernel and cgroup tree. Pure. */
final class MachineChecks {
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");
    private static final List<String> REQUIRED = List.of("cpuset", "cpu", "memory");

    private MachineChecks() {}

    private static Optional<int[]> release(NodeRecord node) {
        Matcher matcher = RELEASE.matcher(node.kernel());
        return matcher.matches()
                ? Optional.of(new int[] {Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))})
                : Optional.empty();
    }

    private static boolean isBefore(int[] release, int major, int minor) {
        return release[0] < major || (release[0] == major && release[1] < minor);
    }

    static Finding kernel(NodeRecord node) {
        String check = "kernel";
        Optional<int[]> release = release(node);
        if (release.isEmpty()) {
            return Finding.note(check, "the kernel's release \"" + node.kernel() + "\" is not understood", "");
        }
        if (isBefore(release.get(), 5, 8)) {
            return Finding.fault(
                    check,
                    "Linux " + node.kernel() + " is older than 5.8, from which on the kubelet supports cgroup v2",
                    "boot a kernel of 5.8 or later");
        }
        if (isBefore(release.get(), 5, 9)
                && node.configuration().memory().throttlingFactor().isPresent()) {
            return Finding.fault(
                    check,
                    "Linux " + node.kernel() + " is older than 5.9, where memory.high may livelock a process,"
                            + " and memoryThrottlingFactor is set",
                    "boot a kernel of 5.9 or later, or remove memoryThrottlingFactor");
        }
        return Finding.ok(check, "Linux " + node.kernel());
    }

    static Finding version(NodeRecord node) {
        String root = node.configuration().cgroups().root().toString();
        return node.cgroups().isVersion2()
                ? Finding.ok("cgroup-version", root + " is cgroup v2")
                : Finding.fault(
                        "cgroup-version",
                        root
                                + " has no cgroup.controllers: it is no cgroup v2 mount, and the node may boot with cgroup v1",
                        "boot with systemd.unified_cgroup_hierarchy=1; until then podslice refuses the pods that ask"
                                + " something of it");
    }

    static Finding controllers(NodeRecord node) {
        String check = "cgroup-controllers";
        if (!node.cgroups().isVersion2()) {
            return Finding.note(check, "not looked at without cgroup v2", "");
        }
        List<String> missing = new ArrayList<>(REQUIRED);
        missing.removeAll(node.cgroups().controllers());
        if (!missing.isEmpty()) {
            return Finding.fault(
                    check,
                    "the root cgroup has no controller " + String.join(", ", missing) + "; it has "
                            + String.join(" ", node.cgroups().controllers()),
                    "unmount the cgroup v1 hierarchy that holds it, or remove cgroup_disable= from the kernel's"
                            + " command line");
        }
        return Finding.ok(check, String.join(" ", node.cgroups().controllers()));
    }

    static Finding driver(NodeRecord node) {
        String check = "cgroup-driver";
        Optional<CgroupDriver> told = node.runtime().driver();
        Optional<CgroupDriver> configured = node.configuration().cgroups().driver();
        if (configured.isPresent() && told.isPresent() && !configured.equals(told)) {
            return Finding.fault(
                    check,
                    "cgroups.driver is " + configured.get().text() + ", and the runtime's driver is "
                            + told.get().text(),
                    "set cgroups.driver: auto");
        }
        if (node.cgroups().kubepods().size() > 1) {
            return Finding.fault(
                    check,
                    "the cgroups of all pods of both drivers exist: "
                            + String.join(
                                    ", ",
                                    node.cgroups().kubepods().values().stream()
                                            .sorted()
                                            .toList()),
                    "the driver was changed without a reboot: drain the node and reboot it");
        }
        Optional<CgroupDriver> known = configured
                .or(() -> told)
                .or(() -> node.cgroups().kubepods().keySet().stream().findFirst());
        return known.map(driver -> Finding.ok(check, driver.text()))
                .orElseGet(() -> Finding.note(
                        check,
                        "not known: the runtime does not tell it, and no cgroup of all pods exists",
                        "it is found when the kubelet has run"));
    }

    static Finding podControllers(NodeRecord node) {
        String check = "pod-controllers";
        if (node.cgroups().kubepods().isEmpty()) {
            return Finding.note(check, "no cgroup of all pods exists yet", "");
        }
        List<String> missing = new ArrayList<>(REQUIRED);
        missing.removeAll(node.cgroups().podControllers());
        boolean isSystemd = node.cgroups().kubepods().containsKey(CgroupDriver.SYSTEMD);
        String remedy = isSystemd ? "run systemd/slices, which keeps the cpuset controller in pods' slices" : "";
        if (!missing.isEmpty()) {
            return Finding.fault(
                    check,
                    "the cgroup of all pods has no controller " + String.join(", ", missing),
                    isSystemd ? remedy : "restart the kubelet, which enables them");
        }
        if (isSystemd && !node.cgroups().hasSlicesDropIn()) {
            return Finding.fault(
                    check,
                    "pods' slices have no drop-in 10-podslice.conf with AllowedCPUs: systemd takes the cpuset controller"
                            + " from a slice while its pod has no container",
                    remedy);
        }
        return Finding.ok(check, String.join(" ", node.cgroups().podControllers()));
    }

    static Finding partitions(NodeRecord node) {
        String check = "partitions";
        Optional<int[]> release = release(node);
        if (release.isPresent() && isBefore(release.get(), 6, 7)) {
            return Finding.note(
                    check,
                    "not possible: Linux " + node.kernel()
                            + " is older than 6.7, which brought cpuset.cpus.exclusive; CPUs are isolated by cpusets",
                    "");
        }
        if (node.cgroups().kubepods().isEmpty()) {
            return Finding.note(check, "not known before the kubelet has made the cgroup of all pods", "");
        }
        return node.cgroups().hasPartitions()
                ? Finding.ok(check, "possible: the kernel has cpuset.cpus.exclusive")
                : Finding.note(
                        check,
                        "not possible: the cgroup of all pods has no cpuset.cpus.exclusive",
                        "the cpuset controller must be enabled there");
    }
}
