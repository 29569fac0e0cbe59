package io.podslice.agent.plan;

import io.podslice.agent.manifest.Pod;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ExclusiveCpus;
import java.util.LinkedHashMap;
import java.util.Map;

/** The reasons for which containers get exclusive CPUs, or none. */
final class Eligibility {
    private Eligibility() {}

    /** Returns the reasons by container, in the spec's order. */
    static Map<String, String> of(Pod pod, PlacementPolicy policy) {
        Map<String, String> why = new LinkedHashMap<>();
        for (ContainerSpec container : pod.spec().containers()) {
            why.put(container.name(), why(pod, container, policy));
        }
        return why;
    }

    private static String why(Pod pod, ContainerSpec container, PlacementPolicy policy) {
        if (policy.cpuManagerPolicy() == CpuManagerPolicy.NONE) {
            return "cpuManagerPolicy none gives no container exclusive CPUs";
        }
        return ExclusiveCpus.why(pod.spec(), container, pod.exclusive().get(container.name()));
    }
}
