package io.podslice.agent.config;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.managers.topology.TopologyOptions;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.node.CpuIsolation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

/** Keys of the policies by which pods get CPUs and memory, and of memory protection. */
final class PolicyRules {
    static final Rule<TopologyPolicy> TOPOLOGY_POLICY = Rule.restart(
            "topologyManagerPolicy",
            Kinds.choice(TopologyPolicy.class, TopologyPolicy::text),
            "best-effort",
            "How far a pod's CPUs, memory and devices must come from one NUMA node.",
            c -> c.policy().topologyManagerPolicy());

    static final Rule<TopologyScope> TOPOLOGY_SCOPE = Rule.restart(
            "topologyManagerScope",
            Kinds.choice(TopologyScope.class, TopologyScope::text),
            "pod",
            "`pod`: the pod is aligned as one; `container`: each container by itself, no pod has a set of its own.",
            c -> c.policy().topologyManagerScope());

    static final Rule<CpuManagerPolicy> CPU_POLICY = Rule.restart(
            "cpuManagerPolicy",
            Kinds.choice(CpuManagerPolicy.class, CpuManagerPolicy::text),
            "static",
            "`static`: Guaranteed pods with whole CPUs get exclusive CPUs; `none`: no pod does.",
            c -> c.policy().cpuManagerPolicy());

    static final Rule<CpuSet> RESERVED_CPUS = Rule.restart(
            "reservedSystemCPUs",
            Kinds.cpus(),
            "\"\"",
            "CPUs that no pod gets exclusively; they stay in the node shared pool, unless `strict-cpu-reservation` is on.",
            c -> c.policy().reservedSystemCpus());

    static final Rule<CpuIsolation> ISOLATION = Rule.restart(
            "isolation",
            Kinds.choice(CpuIsolation.class, CpuIsolation::text),
            "cpuset",
            "How exclusive CPUs are kept for their container. `partition`: by a cgroup v2 partition, which keeps every other"
                    + " process of the node off; needs Linux 6.7, and a pod is refused for which the kernel makes none."
                    + " `cpuset`: by `cpuset.cpus`, which keeps other pods off. `auto`: a partition where the kernel makes one.",
            Configuration::isolation);

    static final Rule<MemoryManagerPolicy> MEMORY_POLICY = Rule.restart(
            "memoryManagerPolicy",
            Kinds.choice(MemoryManagerPolicy.class, MemoryManagerPolicy::text),
            "Static",
            "`Static`: memory and huge pages of a Guaranteed pod come from the NUMA nodes of its CPUs; `None`: from anywhere.",
            c -> c.policy().memoryManagerPolicy());

    static final Rule<Integer> RESERVED_NODE = Rule.restart(
            "reservedMemory[].numaNode",
            Kinds.number("the number of a NUMA node", 0, ""),
            "",
            "The NUMA node of an entry.",
            c -> c.policy().reservedMemory());

    static final Rule<OptionalLong> RESERVED_MEMORY = Rule.restart(
            "reservedMemory[].limits.memory",
            Kinds.bytes(),
            "",
            "Its memory that no pod gets; at most what the NUMA node has.",
            c -> c.policy().reservedMemory());

    static final Rule<OptionalLong> RESERVED_PAGES = Rule.restart(
            "reservedMemory[].limits.hugepages-*",
            Kinds.bytes(),
            "",
            "Its huge pages of a size that no pod gets, such as `hugepages-2Mi: 64Mi`; whole pages.",
            c -> c.policy().reservedMemory());

    static final Rule<Duration> CFS_PERIOD = Rule.restart(
            "cpuCFSQuotaPeriod",
            Kinds.duration(Duration.ofMillis(1), Duration.ofSeconds(1), "1ms to 1s"),
            "100ms",
            "The period of `cpu.max`.",
            Configuration::cpuCfsQuotaPeriod);

    static final Rule<MemoryReservationPolicy> RESERVATION_POLICY = Rule.restart(
            "memoryReservationPolicy",
            Kinds.choice(MemoryReservationPolicy.class, MemoryReservationPolicy::text),
            "None",
            "`TieredReservation`: requested memory is protected, at every level ([memory.md](memory.md)).",
            c -> c.memory().reservationPolicy());

    static final Rule<OptionalDouble> THROTTLING = Rule.restart(
            "memoryThrottlingFactor",
            Kinds.factor(),
            "",
            "The point between request (0) and limit (1) at which `memory.high` throttles; 0.9 by default under"
                    + " `memoryQoSVersion` 1.36, none under 1.37.",
            c -> c.memory().throttlingFactor());

    static final Rule<MemoryQosVersion> QOS_VERSION = Rule.restart(
            "memoryQoSVersion",
            Kinds.choice(MemoryQosVersion.class, MemoryQosVersion::text),
            "\"1.37\"",
            "The kubelet whose rules of memory protection are followed.",
            c -> c.memory().version());

    static final Rule<Integer> HEADROOM = Rule.restart(
            "memoryMinHeadroomPercent",
            Kinds.percent(),
            "0",
            "The part of a Guaranteed pod's request that `memory.min` leaves out, so that its page cache can be reclaimed.",
            c -> c.memory().minHeadroomPercent());

    private PolicyRules() {}

    /** Returns these rules, in the table's order. */
    static List<Rule<?>> all() {
        List<Rule<?>> all = new ArrayList<>(List.of(TOPOLOGY_POLICY, TOPOLOGY_SCOPE));
        TopologyOptions.NAMES.stream().sorted().map(PolicyRules::topologyOption).forEach(all::add);
        all.add(CPU_POLICY);
        Arrays.stream(CpuManagerOptions.Option.values())
                .map(PolicyRules::cpuOption)
                .forEach(all::add);
        all.addAll(List.of(RESERVED_CPUS, ISOLATION, MEMORY_POLICY, RESERVED_NODE, RESERVED_MEMORY, RESERVED_PAGES));
        all.addAll(List.of(CFS_PERIOD, RESERVATION_POLICY, THROTTLING, QOS_VERSION, HEADROOM));
        return List.copyOf(all);
    }

    private static Rule<?> topologyOption(String option) {
        String path = "topologyManagerPolicyOptions." + option;
        Function<Configuration, ?> in = c -> c.policy().topologyManagerPolicyOptions();
        return option.equals("max-allowable-numa-nodes")
                ? Rule.restart(
                        path,
                        Kinds.number("a number of NUMA nodes", 8, "as the kubelet has it"),
                        "8",
                        "Checked as the kubelet does; podslice has no limit to raise.",
                        in)
                : Rule.restart(
                        path, Kinds.truth(), "false", "Of several equal choices, the NUMA nodes that are closest.", in);
    }

    private static Rule<?> cpuOption(CpuManagerOptions.Option option) {
        return Rule.restart(
                "cpuManagerPolicyOptions." + option.text(),
                Kinds.truth(),
                "false",
                "An option of `cpuManagerPolicy: static` ([managers.md](managers.md)).",
                c -> c.policy().cpuManagerPolicyOptions().on().contains(option));
    }
}
