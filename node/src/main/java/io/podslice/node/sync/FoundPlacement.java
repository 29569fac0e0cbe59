package io.podslice.node.sync;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ExclusiveCpus;
import io.podslice.node.pods.PodAsk;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the placement of a running pod that the state does not have from its cgroups: the sandbox is in the pod shared
 * pool, and a container outside that pool has exclusive CPUs. Pure.
 *
 * @param sandbox CPUs to which the sandbox's cgroup is restricted; empty for no restriction
 * @param containers CPUs to which the cgroup of each running container is restricted, by name, in the order of creation
 * @param taken CPUs that other pods have or may use
 */
record FoundPlacement(CpuSet sandbox, Map<String, CpuSet> containers, CpuSet taken) {
    FoundPlacement {
        containers = Collections.unmodifiableMap(new LinkedHashMap<>(containers));
    }

    /**
     * Returns the placement, without memory. The CPUs that are found win over what the pod asks for, for a resize may have
     * given them; a container that asks for exclusive CPUs and does not run is left out.
     *
     * @param setSize number of CPUs that the pod asks for as a whole; 0 for none
     * @return null if the pod has no CPUs of its own, or a container of it that asks for some is on others' CPUs
     */
    @Nullable
    PodPlacement of(PodAsk ask, int setSize) {
        CpuSet all = free(sandbox);
        List<ContainerPlacement> slices = new ArrayList<>();
        for (Map.Entry<String, CpuSet> container : containers.entrySet()) {
            all = all.union(free(container.getValue()));
            slices.add(new ContainerPlacement(container.getKey(), ContainerKind.APP, own(container.getKey())));
        }
        if (all.isEmpty()) {
            return null;
        }
        // A described pod without resources of its own has a set if it was placed before its spec was known.
        boolean hasSet =
                setSize > 0 || (ask.description().isCluster() && !free(sandbox).isEmpty());
        CpuSet ofPod = hasSet ? all : CpuSet.empty();
        if (!ask.spec().containers().isEmpty()) {
            List<ContainerPlacement> specified = specified(ask);
            if (specified == null) {
                return null;
            }
            slices = specified;
        }
        PodPlacement placement = PodPlacement.ofSet(ofPod);
        for (ContainerPlacement slice : slices) {
            placement = placement.with(slice);
        }
        return placement.hasCpus() ? placement : null;
    }

    private @Nullable List<ContainerPlacement> specified(PodAsk ask) {
        List<ContainerPlacement> slices = new ArrayList<>();
        for (ContainerSpec container : ask.spec().containers()) {
            int asked = ExclusiveCpus.of(ask.spec(), container, ask.exclusive().get(container.name()));
            CpuSet own = asked == 0 ? CpuSet.empty() : own(container.name());
            boolean runs = containers.containsKey(container.name());
            if (asked > 0
                    && runs
                    && free(containers.getOrDefault(container.name(), CpuSet.empty()))
                            .isEmpty()) {
                return null;
            }
            if (asked == 0 || runs || !container.kind().isLongRunning()) {
                slices.add(new ContainerPlacement(container.name(), container.kind(), own));
            }
        }
        return slices;
    }

    private CpuSet own(String name) {
        CpuSet cpus = free(containers.getOrDefault(name, CpuSet.empty()));
        boolean shares = cpus.intersects(sandbox);
        for (Map.Entry<String, CpuSet> other : containers.entrySet()) {
            shares |= !other.getKey().equals(name) && other.getValue().intersects(cpus);
        }
        return shares ? CpuSet.empty() : cpus;
    }

    private CpuSet free(CpuSet cpus) {
        return cpus.intersects(taken) ? CpuSet.empty() : cpus;
    }
}
