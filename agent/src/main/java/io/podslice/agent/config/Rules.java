package io.podslice.agent.config;

import io.podslice.agent.config.ClusterConfiguration.RefusedPods;
import io.podslice.agent.config.ClusterConfiguration.SourceChoice;
import io.podslice.agent.config.Rule.Change;
import io.podslice.agent.config.Rule.Shape;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.layout.CgroupName;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.managers.topology.TopologyOptions;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.CpuIsolation;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;

/** Every key of the configuration, in the order of the table in docs/configuration.md. */
final class Rules {
    static final Rule<TopologyPolicy> TOPOLOGY_POLICY = restart(
            "topologyManagerPolicy",
            Kinds.choice(TopologyPolicy.class, TopologyPolicy::text),
            "best-effort",
            "How far a pod's CPUs, memory and devices must come from one NUMA node.",
            c -> c.policy().topologyManagerPolicy());

    static final Rule<TopologyScope> TOPOLOGY_SCOPE = restart(
            "topologyManagerScope",
            Kinds.choice(TopologyScope.class, TopologyScope::text),
            "pod",
            "`pod`: the pod is aligned as one; `container`: each container by itself, no pod has a set of its own.",
            c -> c.policy().topologyManagerScope());

    static final Rule<CpuManagerPolicy> CPU_POLICY = restart(
            "cpuManagerPolicy",
            Kinds.choice(CpuManagerPolicy.class, CpuManagerPolicy::text),
            "static",
            "`static`: Guaranteed pods with whole CPUs get exclusive CPUs; `none`: no pod does.",
            c -> c.policy().cpuManagerPolicy());

    static final Rule<CpuSet> RESERVED_CPUS = restart(
            "reservedSystemCPUs",
            Kinds.cpus(),
            "\"\"",
            "CPUs that no pod gets exclusively; they stay in the node shared pool, unless `strict-cpu-reservation` is on.",
            c -> c.policy().reservedSystemCpus());

    static final Rule<CpuIsolation> ISOLATION = restart(
            "isolation",
            Kinds.choice(CpuIsolation.class, CpuIsolation::text),
            "cpuset",
            "How exclusive CPUs are kept for their container. `partition`: by a cgroup v2 partition, which keeps every other"
                    + " process of the node off; needs Linux 6.7, and a pod is refused for which the kernel makes none."
                    + " `cpuset`: by `cpuset.cpus`, which keeps other pods off. `auto`: a partition where the kernel makes one.",
            Configuration::isolation);

    static final Rule<MemoryManagerPolicy> MEMORY_POLICY = restart(
            "memoryManagerPolicy",
            Kinds.choice(MemoryManagerPolicy.class, MemoryManagerPolicy::text),
            "Static",
            "`Static`: memory and huge pages of a Guaranteed pod come from the NUMA nodes of its CPUs; `None`: from anywhere.",
            c -> c.policy().memoryManagerPolicy());

    static final Rule<Integer> RESERVED_NODE = restart(
            "reservedMemory[].numaNode",
            Kinds.number("the number of a NUMA node", 0, ""),
            "",
            "The NUMA node of an entry.",
            c -> c.policy().reservedMemory());

    static final Rule<OptionalLong> RESERVED_MEMORY = restart(
            "reservedMemory[].limits.memory",
            Kinds.bytes(),
            "",
            "Its memory that no pod gets; at most what the NUMA node has.",
            c -> c.policy().reservedMemory());

    static final Rule<OptionalLong> RESERVED_PAGES = restart(
            "reservedMemory[].limits.hugepages-*",
            Kinds.bytes(),
            "",
            "Its huge pages of a size that no pod gets, such as `hugepages-2Mi: 64Mi`; whole pages.",
            c -> c.policy().reservedMemory());

    static final Rule<Duration> CFS_PERIOD = restart(
            "cpuCFSQuotaPeriod",
            Kinds.duration(Duration.ofMillis(1), Duration.ofSeconds(1), "1ms to 1s"),
            "100ms",
            "The period of `cpu.max`.",
            Configuration::cpuCfsQuotaPeriod);

    static final Rule<MemoryReservationPolicy> RESERVATION_POLICY = restart(
            "memoryReservationPolicy",
            Kinds.choice(MemoryReservationPolicy.class, MemoryReservationPolicy::text),
            "None",
            "`TieredReservation`: requested memory is protected, at every level ([memory.md](memory.md)).",
            c -> c.memory().reservationPolicy());

    static final Rule<OptionalDouble> THROTTLING = restart(
            "memoryThrottlingFactor",
            Kinds.factor(),
            "",
            "The point between request (0) and limit (1) at which `memory.high` throttles; 0.9 by default under"
                    + " `memoryQoSVersion` 1.36, none under 1.37.",
            c -> c.memory().throttlingFactor());

    static final Rule<MemoryQosVersion> QOS_VERSION = restart(
            "memoryQoSVersion",
            Kinds.choice(MemoryQosVersion.class, MemoryQosVersion::text),
            "\"1.37\"",
            "The kubelet whose rules of memory protection are followed.",
            c -> c.memory().version());

    static final Rule<Integer> HEADROOM = restart(
            "memoryMinHeadroomPercent",
            Kinds.percent(),
            "0",
            "The part of a Guaranteed pod's request that `memory.min` leaves out, so that its page cache can be reclaimed.",
            c -> c.memory().minHeadroomPercent());

    static final Rule<String> NAMESPACES = reload(
            "bounds.namespaces",
            Kinds.namespace(),
            Shape.LIST,
            "[]",
            "The namespaces whose pods may have annotations for podslice; empty: all.",
            c -> c.bounds().namespaces());

    static final Rule<OptionalInt> PER_POD = reload(
            "bounds.exclusiveCPUsPerPod",
            Kinds.bound("a number of CPUs"),
            Shape.ONE,
            "",
            "The most CPUs that one pod may have for itself.",
            c -> c.bounds().exclusiveCpusPerPod());

    static final Rule<OptionalInt> PER_NAMESPACE = reload(
            "bounds.exclusiveCPUsPerNamespace",
            Kinds.bound("a number of CPUs"),
            Shape.ONE,
            "",
            "The most CPUs that all pods of a namespace together may have for themselves.",
            c -> c.bounds().exclusiveCpusPerNamespace());

    static final Rule<Integer> PERCENT = reload(
            "bounds.exclusivePercent",
            Kinds.percent(),
            Shape.ONE,
            "100",
            "The most of the node's CPUs that pods may have for themselves, rounded down to whole CPUs.",
            c -> c.bounds().exclusivePercent());

    static final Rule<Integer> POOL = reload(
            "bounds.sharedPoolCPUs",
            Kinds.number("a number of CPUs", 1, "pods without CPUs of their own run there"),
            Shape.ONE,
            "1",
            "The fewest CPUs that stay in the node shared pool.",
            c -> c.bounds().sharedPoolCpus());

    static final Rule<OptionalLong> GUARDED = reload(
            "bounds.guardedMemory",
            Kinds.bytes(),
            Shape.ONE,
            "",
            "The most memory that `memory.min` and `memory.low` of all pods may guard together.",
            c -> c.bounds().guardedMemoryBytes());

    static final Rule<Boolean> ISOLATED = reload(
            "bounds.isolated",
            Kinds.truth(),
            Shape.ONE,
            "true",
            "Containers may ask by `podslice.io/isolated.CONTAINER` for a partition in which the kernel balances no load.",
            c -> c.bounds().isolated());

    static final Rule<SourceChoice> SOURCE = restart(
            "podSpecs.source",
            Kinds.choice(SourceChoice.class, SourceChoice::text),
            "auto",
            "`auto`: every source that is there, in the order of the next keys; `annotation`: none of them; else this one"
                    + " alone ([pod-specs.md](pod-specs.md)).",
            c -> c.cluster().podSpecs().source());

    static final Rule<Duration> TIMEOUT = restart(
            "podSpecs.timeout",
            Kinds.duration(Duration.ofMillis(10), Duration.ofSeconds(10), "10ms to 10s"),
            "1s",
            "The longest time that an admission waits for all sources and for `podResources` together; below"
                    + " `shim.decisionBudget`, and at most half of that by default.",
            c -> c.cluster().podSpecs().timeout());

    static final Rule<Path> PODS_API = restart(
            "podSpecs.podsAPI",
            Kinds.socket(),
            "unix:///var/lib/kubelet/pods-api/pods-api.sock",
            "The kubelet's Pods API; may come later.",
            c -> c.cluster().podSpecs().podsApi());

    static final Rule<Optional<Path>> KUBECONFIG = restart(
            "podSpecs.apiServer.kubeconfig",
            Kinds.optional(Kinds.path()),
            "\"\"",
            "A kubeconfig for the API server, such as the kubelet's `/etc/kubernetes/kubelet.conf`; this or the next key.",
            c -> c.cluster().podSpecs().apiServer().kubeconfig());

    static final Rule<Optional<Path>> SERVICE_ACCOUNT = restart(
            "podSpecs.apiServer.serviceAccount",
            Kinds.optional(Kinds.path()),
            "\"\"",
            "A folder with a service account's `token` and `ca.crt`.",
            c -> c.cluster().podSpecs().apiServer().serviceAccount());

    static final Rule<Optional<URI>> SERVER = restart(
            "podSpecs.apiServer.server",
            Kinds.optional(Kinds.https()),
            "\"\"",
            "The API server's address; a service account needs it, a kubeconfig has its own.",
            c -> c.cluster().podSpecs().apiServer().server());

    static final Rule<Optional<String>> NODE_NAME = restart(
            "podSpecs.apiServer.nodeName",
            Kinds.optional(Kinds.nodeName()),
            "\"\"",
            "This node's name in the cluster; empty: the one in the kubeconfig's client certificate, else the host name.",
            c -> c.cluster().podSpecs().apiServer().nodeName());

    static final Rule<Optional<Path>> STATIC_PODS = restart(
            "podSpecs.staticPods",
            Kinds.optional(Kinds.path()),
            "/etc/kubernetes/manifests",
            "The kubelet's folder of static pods; empty: it is not read.",
            c -> c.cluster().podSpecs().staticPods());

    static final Rule<Optional<Path>> POD_RESOURCES = restart(
            "podResources",
            Kinds.optional(Kinds.socket()),
            "unix:///var/lib/kubelet/pod-resources/kubelet.sock",
            "The kubelet's PodResources, for devices; empty: devices are not looked up.",
            c -> c.cluster().podResources());

    static final Rule<RefusedPods> REFUSED = restart(
            "admission.refused",
            Kinds.choice(RefusedPods.class, RefusedPods::text),
            "retry",
            "`retry`: the kubelet tries a refused pod again on this node; `fail`: it fails, through the API server, and its"
                    + " controller makes another.",
            c -> c.cluster().refused());

    static final Rule<Path> LISTEN = restart(
            "shim.listen",
            Kinds.socket(),
            "unix:///run/podslice/cri.sock",
            "The socket for the kubelet. One of podslice's own gets mode and owner of the runtime's, and replaces a stale one;"
                    + " `podslice.socket` must name the same path.",
            c -> c.shim().listen());

    static final Rule<Path> RUNTIME = restart(
            "shim.runtime",
            Kinds.socket(),
            "unix:///run/containerd/containerd.sock",
            "The container runtime's socket; the runtime may be absent, restart or hang.",
            c -> c.shim().runtime());

    static final Rule<Integer> SHIM_UIDS = reload(
            "shim.allowedUids",
            Kinds.number("a numeric user id", 0, ""),
            Shape.LIST,
            "[]",
            "Users who may connect, by peer credentials, besides root and the user that podslice runs as.",
            c -> c.shim().allowedUids());

    static final Rule<Duration> BUDGET = restart(
            "shim.decisionBudget",
            Kinds.duration(Duration.ofMillis(10), Duration.ofMinutes(2), "10ms to 2m"),
            "10s",
            "The longest time for the decision on one call; then pods that ask nothing of podslice pass, others are refused. It"
                    + " begins once podslice has read its state; until then calls wait, for nine tenths of their client's time.",
            c -> c.shim().decisionBudget());

    static final Rule<Boolean> NRI = restart(
            "nri.enabled",
            Kinds.truth(),
            "false",
            "Connect to the runtime as an NRI plugin too.",
            c -> c.nri().enabled());

    static final Rule<Path> NRI_SOCKET = restart(
            "nri.socket",
            Kinds.socket(),
            "unix:///var/run/nri/nri.sock",
            "The runtime's NRI socket; may be absent, podslice waits for it.",
            c -> c.nri().socket());

    static final Rule<String> NRI_NAME = restart(
            "nri.name",
            Kinds.matching("[A-Za-z0-9_.+-]+", "letters, digits and _.+- only"),
            "podslice",
            "The name with which podslice registers.",
            c -> c.nri().name());

    static final Rule<String> NRI_INDEX = restart(
            "nri.index",
            Kinds.matching("[0-9]{2}", "two digits"),
            "\"10\"",
            "Plugins are called in the order of their index.",
            c -> c.nri().index());

    static final Rule<Path> CGROUP_ROOT = restart(
            "cgroups.root",
            Kinds.path(),
            "/sys/fs/cgroup",
            "The mount point of the cgroup v2 tree.",
            c -> c.cgroups().root());

    static final Rule<Optional<CgroupDriver>> DRIVER = restart(
            "cgroups.driver",
            Kinds.cgroupDriver(),
            "auto",
            "The cgroup driver of kubelet and runtime; `auto`: as the runtime says, else the one whose cgroup of all pods"
                    + " exists.",
            c -> c.cgroups().driver());

    static final Rule<CgroupName> KUBEPODS = restart(
            "cgroups.kubepods",
            Kinds.cgroup(),
            "/kubepods",
            "The cgroup below which pods live: `/kubepods` or `/kubepods.slice`, `/a/kubepods` or"
                    + " `/a.slice/a-kubepods.slice`.",
            c -> c.cgroups().kubepods());

    static final Rule<Path> SYSFS =
            restart("cgroups.sysfs", Kinds.path(), "/sys", "The mount point of sysfs.", c -> c.cgroups().sysfs());

    static final Rule<Path> PROCFS =
            restart("cgroups.procfs", Kinds.path(), "/proc", "The mount point of procfs.", c -> c.cgroups().procfs());

    static final Rule<Path> STATE = restart(
            "state.dir",
            Kinds.path(),
            "/var/lib/podslice",
            "The folder of podslice's state, which survives a restart: its pods' CPUs and memory, and the last good"
                    + " configuration.",
            Configuration::stateDir);

    static final Rule<Path> API_LISTEN = restart(
            "api.listen",
            Kinds.socket(),
            "unix:///run/podslice/podslice.sock",
            "The node API's socket, mode 0660; by default beside `shim.listen`. If it cannot be opened, podslice says so and"
                    + " continues without it.",
            c -> c.api().listen());

    static final Rule<Integer> API_UIDS = reload(
            "api.allowedUids",
            Kinds.number("a numeric user id", 0, ""),
            Shape.LIST,
            "[]",
            "Users who may call the node API, by peer credentials, besides root and the user that podslice runs as.",
            c -> c.api().allowedUids());

    static final Rule<Optional<InetSocketAddress>> METRICS = restart(
            "api.metrics",
            Kinds.address(),
            "\"\"",
            "The address at which Prometheus reads `/metrics`, e.g. `127.0.0.1:9419`; one that is taken is a warning. At most"
                    + " 16 connections, of one request in 5 s each.",
            c -> c.api().metrics());

    private Rules() {}

    /** Returns every rule, in the table's order. */
    static List<Rule<?>> all() {
        List<Rule<?>> all = new ArrayList<>(List.of(TOPOLOGY_POLICY, TOPOLOGY_SCOPE));
        for (String option : TopologyOptions.NAMES.stream().sorted().toList()) {
            all.add(topologyOption(option));
        }
        all.add(CPU_POLICY);
        for (CpuManagerOptions.Option option : CpuManagerOptions.Option.values()) {
            all.add(cpuOption(option));
        }
        all.addAll(List.of(RESERVED_CPUS, ISOLATION, MEMORY_POLICY, RESERVED_NODE, RESERVED_MEMORY, RESERVED_PAGES, CFS_PERIOD));
        all.addAll(List.of(RESERVATION_POLICY, THROTTLING, QOS_VERSION, HEADROOM));
        all.addAll(List.of(NAMESPACES, PER_POD, PER_NAMESPACE, PERCENT, POOL, GUARDED, ISOLATED));
        all.addAll(List.of(SOURCE, TIMEOUT, PODS_API, KUBECONFIG, SERVICE_ACCOUNT, SERVER, NODE_NAME, STATIC_PODS));
        all.addAll(List.of(POD_RESOURCES, REFUSED, LISTEN, RUNTIME, SHIM_UIDS, BUDGET));
        all.addAll(List.of(NRI, NRI_SOCKET, NRI_NAME, NRI_INDEX, CGROUP_ROOT, DRIVER, KUBEPODS, SYSFS, PROCFS));
        all.addAll(List.of(STATE, API_LISTEN, API_UIDS, METRICS));
        return List.copyOf(all);
    }

    private static Rule<?> topologyOption(String option) {
        String path = "topologyManagerPolicyOptions." + option;
        Function<Configuration, ?> in = c -> c.policy().topologyManagerPolicyOptions();
        return option.equals("max-allowable-numa-nodes")
                ? restart(
                        path,
                        Kinds.number("a number of NUMA nodes", 8, "as the kubelet has it"),
                        "8",
                        "Checked as the kubelet does; podslice has no limit to raise.",
                        in)
                : restart(path, Kinds.truth(), "false", "Of several equal choices, the NUMA nodes that are closest.", in);
    }

    private static Rule<?> cpuOption(CpuManagerOptions.Option option) {
        return restart(
                "cpuManagerPolicyOptions." + option.text(),
                Kinds.truth(),
                "false",
                "An option of `cpuManagerPolicy: static` ([managers.md](managers.md)).",
                c -> c.policy().cpuManagerPolicyOptions().on().contains(option));
    }

    private static <T> Rule<T> restart(
            String path, Kind<T> kind, String byDefault, String text, Function<Configuration, ?> in) {
        return new Rule<>(path, kind, Shape.ONE, byDefault, Change.RESTART, text, in);
    }

    private static <T> Rule<T> reload(
            String path, Kind<T> kind, Shape shape, String byDefault, String text, Function<Configuration, ?> in) {
        return new Rule<>(path, kind, shape, byDefault, Change.RELOAD, text, in);
    }
}
