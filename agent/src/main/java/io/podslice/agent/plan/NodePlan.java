package io.podslice.agent.plan;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.MachineFit;
import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.node.NodeView;
import io.podslice.node.brain.Rehearsal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The outcome of pods that come to a machine one after the other, by a dry run of the brain.
 *
 * @param driver the cgroup driver that the plan is for
 * @param pods in the order in which they come
 * @param nodeSharedPool the CPUs that no pod has exclusively, after the last pod
 * @param kubepods path and memory protection of the kubepods cgroup, by file; empty where no memory is protected
 */
public record NodePlan(
        Machine machine,
        PlacementPolicy policy,
        CgroupDriver driver,
        List<PodPlan> pods,
        CpuSet nodeSharedPool,
        Map<String, String> kubepods) {

    public NodePlan {
        pods = List.copyOf(pods);
        kubepods = Collections.unmodifiableMap(new LinkedHashMap<>(kubepods));
    }

    /** Plans pods for the configured cgroup driver, or for cgroupfs where none is configured. */
    public static NodePlan of(Machine machine, Configuration configuration, List<Pod> pods, long pageBytes) {
        Configuration.Cgroups cgroups = configuration.cgroups();
        CgroupLayout layout = cgroups.layout(cgroups.driver().orElse(CgroupDriver.CGROUPFS));
        return of(machine, configuration, layout, pods, pageBytes);
    }

    /**
     * Lets a brain without a node admit the pods in their order, and then starts the containers of those admitted. A pod
     * that is refused leaves nothing behind.
     *
     * @param configuration one in which {@link MachineFit} finds no problem on the machine
     * @param layout the places of the cgroups, by the cgroup driver that the plan is for
     * @param pageBytes size of the machine's memory pages
     */
    public static NodePlan of(
            Machine machine, Configuration configuration, CgroupLayout layout, List<Pod> pods, long pageBytes) {
        DryNode node = new DryNode(machine, configuration, layout, pageBytes);
        List<DryNode.Answer> answers = pods.stream().map(node::admit).toList();
        NodeView view = node.view();
        PodPlans plans = new PodPlans(node, configuration.policy(), new PodNames(configuration.cgroups()), views(view));
        List<Pod> admitted = admitted(pods, answers);
        node.weigh(admitted);
        admitted.forEach(plans::start);
        return new NodePlan(
                machine,
                configuration.policy(),
                layout.driver(),
                plans.plans(pods, answers),
                view.nodeSharedPool(),
                node.kubepodsFiles());
    }

    /**
     * A plan on a running node.
     *
     * @param after the node with the pods that were admitted, their containers started
     */
    public record OnNode(NodePlan plan, NodeView after) {}

    /**
     * Lets a copy of a running node admit the pods in their order, beside those that run there, and then starts the containers
     * of those admitted. The weights of the classes' cgroups stay as they are.
     *
     * @param pods none of which runs on the node
     */
    public static OnNode on(Rehearsal copy, List<Pod> pods) {
        DryNode node = new DryNode(copy);
        List<DryNode.Answer> answers = pods.stream().map(node::admit).toList();
        NodeView view = node.view();
        CgroupLayout layout = copy.config().layout();
        PodPlans plans = new PodPlans(node, copy.config().policy(), new PodNames(List.of(layout)), views(view));
        admitted(pods, answers).forEach(plans::start);
        NodePlan plan = new NodePlan(
                copy.machine(),
                copy.config().policy(),
                layout.driver(),
                plans.plans(pods, answers),
                view.nodeSharedPool(),
                node.kubepodsFiles());
        return new OnNode(plan, node.view());
    }

    private static List<Pod> admitted(List<Pod> pods, List<DryNode.Answer> answers) {
        List<Pod> admitted = new ArrayList<>();
        for (int i = 0; i < pods.size(); i++) {
            if (answers.get(i).refusal().isEmpty()) {
                admitted.add(pods.get(i));
            }
        }
        return admitted;
    }

    private static Map<String, NodeView.PodView> views(NodeView view) {
        Map<String, NodeView.PodView> byUid = new HashMap<>();
        view.pods().forEach(pod -> byUid.put(pod.uid(), pod));
        return byUid;
    }

    /** The number of pods that are admitted. */
    public int admitted() {
        return (int) pods.stream().filter(PodPlan::admitted).count();
    }
}
