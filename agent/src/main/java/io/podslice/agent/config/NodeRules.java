package io.podslice.agent.config;

import io.podslice.agent.config.Configuration.Recording;
import io.podslice.agent.config.Rule.Shape;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.layout.CgroupName;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Keys of podslice's doors, and of the places where it finds the node's files and keeps its own. */
final class NodeRules {
    static final Rule<Path> LISTEN = Rule.restart(
            "shim.listen",
            Kinds.socket(),
            "unix:///run/podslice/cri.sock",
            "The socket for the kubelet. One of podslice's own gets mode and owner of the runtime's, and replaces a stale one;"
                    + " `podslice.socket` must name the same path.",
            c -> c.shim().listen());

    static final Rule<Path> RUNTIME = Rule.restart(
            "shim.runtime",
            Kinds.socket(),
            "unix:///run/containerd/containerd.sock",
            "The container runtime's socket; the runtime may be absent, restart or hang.",
            c -> c.shim().runtime());

    static final Rule<Integer> SHIM_UIDS = Rule.reload(
            "shim.allowedUids",
            Kinds.number("a numeric user id", 0, ""),
            Shape.LIST,
            "[]",
            "Users who may connect, by peer credentials, besides root and the user that podslice runs as.",
            c -> c.shim().allowedUids());

    static final Rule<Duration> BUDGET = Rule.restart(
            "shim.decisionBudget",
            Kinds.duration(Duration.ofMillis(10), Duration.ofMinutes(2), "10ms to 2m"),
            "10s",
            "The longest time for the decision on one call; then pods that ask nothing of podslice pass, others are refused. It"
                    + " begins once podslice has read its state; until then calls wait, for nine tenths of their client's time.",
            c -> c.shim().decisionBudget());

    static final Rule<Boolean> NRI = Rule.restart(
            "nri.enabled",
            Kinds.truth(),
            "false",
            "Connect to the runtime as an NRI plugin too.",
            c -> c.nri().enabled());

    static final Rule<Path> NRI_SOCKET = Rule.restart(
            "nri.socket",
            Kinds.socket(),
            "unix:///var/run/nri/nri.sock",
            "The runtime's NRI socket; may be absent, podslice waits for it.",
            c -> c.nri().socket());

    static final Rule<String> NRI_NAME = Rule.restart(
            "nri.name",
            Kinds.matching("[A-Za-z0-9_.+-]+", "letters, digits and _.+- only"),
            "podslice",
            "The name with which podslice registers.",
            c -> c.nri().name());

    static final Rule<String> NRI_INDEX = Rule.restart(
            "nri.index",
            Kinds.matching("[0-9]{2}", "two digits"),
            "\"10\"",
            "Plugins are called in the order of their index.",
            c -> c.nri().index());

    static final Rule<Path> CGROUP_ROOT = Rule.restart(
            "cgroups.root",
            Kinds.path(),
            "/sys/fs/cgroup",
            "The mount point of the cgroup v2 tree.",
            c -> c.cgroups().root());

    static final Rule<Optional<CgroupDriver>> DRIVER = Rule.restart(
            "cgroups.driver",
            Kinds.cgroupDriver(),
            "auto",
            "The cgroup driver of kubelet and runtime; `auto`: as the runtime says, else the one whose cgroup of all pods"
                    + " exists.",
            c -> c.cgroups().driver());

    static final Rule<CgroupName> KUBEPODS = Rule.restart(
            "cgroups.kubepods",
            Kinds.cgroup(),
            "/kubepods",
            "The cgroup below which pods live: `/kubepods` or `/kubepods.slice`, `/a/kubepods` or"
                    + " `/a.slice/a-kubepods.slice`.",
            c -> c.cgroups().kubepods());

    static final Rule<Path> SYSFS = Rule.restart(
            "cgroups.sysfs",
            Kinds.path(),
            "/sys",
            "The mount point of sysfs.",
            c -> c.cgroups().sysfs());

    static final Rule<Path> PROCFS = Rule.restart(
            "cgroups.procfs",
            Kinds.path(),
            "/proc",
            "The mount point of procfs.",
            c -> c.cgroups().procfs());

    static final Rule<Path> STATE = Rule.restart(
            "state.dir",
            Kinds.path(),
            "/var/lib/podslice",
            "The folder of podslice's state, which survives a restart: its pods' CPUs and memory, and the last good"
                    + " configuration.",
            Configuration::stateDir);

    static final Rule<Path> API_LISTEN = Rule.restart(
            "api.listen",
            Kinds.socket(),
            "unix:///run/podslice/podslice.sock",
            "The node API's socket, mode 0660; by default beside `shim.listen`. If it cannot be opened, podslice says so and"
                    + " continues without it.",
            c -> c.api().listen());

    static final Rule<Integer> API_UIDS = Rule.reload(
            "api.allowedUids",
            Kinds.number("a numeric user id", 0, ""),
            Shape.LIST,
            "[]",
            "Users who may call the node API, by peer credentials, besides root and the user that podslice runs as.",
            c -> c.api().allowedUids());

    static final Rule<Optional<InetSocketAddress>> METRICS = Rule.restart(
            "api.metrics",
            Kinds.address(),
            "\"\"",
            "The address at which Prometheus reads `/metrics`, e.g. `127.0.0.1:9419`; one that is taken is a warning. At most"
                    + " 16 connections, of one request in 5 s each.",
            c -> c.api().metrics());

    static final Rule<Optional<SocketAddress>> PAGE = Rule.restart(
            "api.page",
            Kinds.page(),
            "\"\"",
            "The loopback address or Unix socket of a page that shows the node to a browser, e.g. `127.0.0.1:9420`; one that"
                    + " is taken is a warning. Every user of the node, and every pod in its network, can read a page on a"
                    + " port; a socket has mode 0600.",
            c -> c.api().page());

    static final Rule<Optional<Path>> RECORD_DIR = Rule.restart(
            "api.record.dir",
            Kinds.optional(Kinds.path()),
            "\"\"",
            "The folder in which the node's changes are kept for `podslice replay`, e.g. `/var/lib/podslice/recording`; one that"
                    + " is made has mode 0700, its files 0600. Where it cannot be written, podslice says so, tries again, and"
                    + " continues.",
            c -> c.api().recording().dir());

    static final Rule<Long> RECORD_BYTES = Rule.restart(
            "api.record.maxBytes",
            Kinds.bytes(Recording.LEAST_BYTES, Recording.MOST_BYTES, "4Mi to 64Gi"),
            "64Mi",
            "The most that the files of the recording have together; the oldest go first.",
            c -> c.api().recording().maxBytes());

    private NodeRules() {}

    /** Returns these rules, in the table's order. */
    static List<Rule<?>> all() {
        return List.of(
                LISTEN,
                RUNTIME,
                SHIM_UIDS,
                BUDGET,
                NRI,
                NRI_SOCKET,
                NRI_NAME,
                NRI_INDEX,
                CGROUP_ROOT,
                DRIVER,
                KUBEPODS,
                SYSFS,
                PROCFS,
                STATE,
                API_LISTEN,
                API_UIDS,
                METRICS,
                PAGE,
                RECORD_DIR,
                RECORD_BYTES);
    }
}
