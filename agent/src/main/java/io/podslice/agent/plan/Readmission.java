package io.podslice.agent.plan;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.MachineFit;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.cgroups.machine.Machine;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The refusals that pods which run already would meet if they came to the node anew, one after the other. */
public final class Readmission {
    private Readmission() {}

    /**
     * Lets a brain without a node admit the pods in their order; nothing on the node changes.
     *
     * @param configuration one in which {@link MachineFit} finds no problem on the machine
     * @param pageBytes size of the machine's memory pages
     * @return the refusals by namespace and name of the pod
     */
    public static Map<String, Refusal> refused(
            Machine machine,
            Configuration configuration,
            CgroupLayout layout,
            List<PodSandboxRequest> pods,
            long pageBytes) {
        DryNode node = new DryNode(machine, configuration, layout, pageBytes);
        Map<String, Refusal> refused = new LinkedHashMap<>();
        for (PodSandboxRequest pod : pods) {
            node.readmit(pod, layout).ifPresent(refusal -> refused.put(pod.namespace() + "/" + pod.name(), refusal));
        }
        return refused;
    }
}
