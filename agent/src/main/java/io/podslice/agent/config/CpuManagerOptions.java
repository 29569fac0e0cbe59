package io.podslice.agent.config;

import io.podslice.agent.yaml.Fields;
import io.podslice.agent.yaml.Mark;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.TopologyManagerPolicy;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Reads {@code cpuManagerPolicyOptions} by the rules of the kubelet's static CPU manager policy. */
final class CpuManagerOptions {

    private static final List<Set<CpuManagerPolicyOption>> EXCLUDE_EACH_OTHER = List.of(
            EnumSet.of(CpuManagerPolicyOption.FULL_PCPUS_ONLY, CpuManagerPolicyOption.DISTRIBUTE_CPUS_ACROSS_CORES),
            EnumSet.of(
                    CpuManagerPolicyOption.DISTRIBUTE_CPUS_ACROSS_NUMA,
                    CpuManagerPolicyOption.DISTRIBUTE_CPUS_ACROSS_CORES),
            EnumSet.of(
                    CpuManagerPolicyOption.PREFER_ALIGN_CPUS_BY_UNCORECACHE,
                    CpuManagerPolicyOption.DISTRIBUTE_CPUS_ACROSS_CORES),
            EnumSet.of(
                    CpuManagerPolicyOption.PREFER_ALIGN_CPUS_BY_UNCORECACHE,
                    CpuManagerPolicyOption.DISTRIBUTE_CPUS_ACROSS_NUMA));

    private final Fields fields;
    private final CpuManagerPolicy policy;
    private final TopologyManagerPolicy topologyManagerPolicy;
    private final Set<CpuManagerPolicyOption> on = EnumSet.noneOf(CpuManagerPolicyOption.class);

    CpuManagerOptions(Fields fields, CpuManagerPolicy policy, TopologyManagerPolicy topologyManagerPolicy) {
        this.fields = fields;
        this.policy = policy;
        this.topologyManagerPolicy = topologyManagerPolicy;
    }

    /** The options that are on. */
    Set<CpuManagerPolicyOption> read() {
        for (CpuManagerPolicyOption option : CpuManagerPolicyOption.values()) {
            if (option.placement().isEmpty()) {
                fields.withoutEffect(option.text(), "CPUs are not chosen by it in this version");
            }
            Mark mark = fields.mark(option.text());
            if (fields.value(option.text(), false, Scalars::bool)) {
                on.add(option);
                check(option, mark);
            }
        }
        fields.end();
        return on;
    }

    private void check(CpuManagerPolicyOption option, Mark mark) {
        if (policy == CpuManagerPolicy.NONE) {
            fields.error(mark, option.text(), "has no meaning with cpuManagerPolicy none; use static");
        }
        if (option == CpuManagerPolicyOption.ALIGN_BY_SOCKET
                && topologyManagerPolicy == TopologyManagerPolicy.SINGLE_NUMA_NODE) {
            fields.error(mark, option.text(), "cannot be used with topologyManagerPolicy single-numa-node");
        }
        for (Set<CpuManagerPolicyOption> pair : EXCLUDE_EACH_OTHER) {
            if (pair.contains(option) && on.containsAll(pair)) {
                Set<CpuManagerPolicyOption> other = EnumSet.copyOf(pair);
                other.remove(option);
                fields.error(
                        mark,
                        option.text(),
                        "cannot be used together with "
                                + other.iterator().next().text());
            }
        }
    }
}
