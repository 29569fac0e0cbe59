package io.podslice.agent.plan;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.pod.ContainerKind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A container of an admitted pod: its CPUs, memory nodes and cgroup values.
 *
 * @param isolation the level at which it shares its CPUs
 * @param cpus its exclusive slice, the pod shared pool, or the node shared pool as it is after the last pod
 * @param mems the NUMA nodes that its memory is restricted to; empty for no restriction
 * @param cfsQuota microseconds in each period, -1 where exclusive CPUs lift it, 0 for none
 * @param oomScoreAdj the order in which the kernel kills, -997 to 1000, higher values first; empty where the machine's
 *     memory is not known
 * @param cgroup the values of its cgroup's files, by file; those of an init container as long as it runs
 */
public record ContainerPlan(
        String name,
        ContainerKind kind,
        Isolation isolation,
        CpuSet cpus,
        CpuSet mems,
        long cfsQuota,
        OptionalInt oomScoreAdj,
        Map<String, String> cgroup) {

    public ContainerPlan {
        cgroup = Collections.unmodifiableMap(new LinkedHashMap<>(cgroup));
    }
}
