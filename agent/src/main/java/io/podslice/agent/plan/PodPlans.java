package io.podslice.agent.plan;

import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.LiftedQuota;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.NodeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Puts together what a dry run says of each pod: the brain's answer and view, and the files of the pod's cgroups. */
final class PodPlans {
    private final DryNode node;
    private final PlacementPolicy policy;
    private final PodNames names;
    private final Map<String, NodeView.PodView> views;
    private final Map<String, Map<String, LinuxResources>> started = new HashMap<>();

    /**
     * @param policy the managers' policies
     * @param names the paths of pods' cgroups
     * @param views the admitted pods by uid, before their containers start
     */
    PodPlans(DryNode node, PlacementPolicy policy, PodNames names, Map<String, NodeView.PodView> views) {
        this.node = node;
        this.policy = policy;
        this.names = names;
        this.views = Map.copyOf(views);
    }

    /** Starts the containers of an admitted pod. */
    void start(Pod pod) {
        started.put(pod.uid(), node.start(pod));
    }

    /**
     * Returns the plans of pods, once the containers of those admitted run.
     *
     * @param answers the brain's, pod by pod
     */
    List<PodPlan> plans(List<Pod> pods, List<DryNode.Answer> answers) {
        List<PodPlan> plans = new ArrayList<>();
        for (int i = 0; i < pods.size(); i++) {
            plans.add(plan(pods.get(i), answers.get(i)));
        }
        return plans;
    }

    /** Returns the plan of a pod, once the containers of all admitted pods run. */
    private PodPlan plan(Pod pod, DryNode.Answer answer) {
        QosClass qos = QosClass.of(pod.spec());
        Map<String, String> eligibility = Eligibility.of(pod, policy);
        if (answer.refusal().isPresent()) {
            CpuSet none = CpuSet.empty();
            return new PodPlan(
                    pod,
                    qos,
                    answer.refusal(),
                    eligibility,
                    answer.hints(),
                    none,
                    none,
                    none,
                    none,
                    List.of(),
                    names.of(pod),
                    Map.of(),
                    Map.of());
        }
        NodeView.PodView view = known(views, pod.uid());
        return new PodPlan(
                pod,
                qos,
                Optional.empty(),
                eligibility,
                answer.hints(),
                view.cpus(),
                view.memoryNodes(),
                view.numaNodes().union(view.memoryNodes()),
                view.sharedPool(),
                containers(pod, view),
                names.of(pod),
                node.podFiles(pod, view),
                node.classFiles(qos));
    }

    private List<ContainerPlan> containers(Pod pod, NodeView.PodView view) {
        Map<String, LinuxResources> resources = known(started, pod.uid());
        List<ContainerPlan> plans = new ArrayList<>();
        for (ContainerSpec container : pod.spec().containers()) {
            plans.add(container(pod, container, view, known(resources, container.name())));
        }
        return plans;
    }

    private ContainerPlan container(
            Pod pod, ContainerSpec container, NodeView.PodView ofPod, LinuxResources resources) {
        NodeView.ContainerView view = ofPod.containers().stream()
                .filter(one -> one.name().equals(container.name()))
                .findFirst()
                .orElseThrow();
        return new ContainerPlan(
                container.name(),
                container.kind(),
                isolation(view.isolation()),
                view.cpus(),
                CpuSet.parse(resources.cpusetMems()),
                LiftedQuota.quotaInForce(resources),
                resources.oomScoreAdj() == 0 ? OptionalInt.empty() : OptionalInt.of((int) resources.oomScoreAdj()),
                node.containerFiles(pod, container.name(), resources));
    }

    private static Isolation isolation(String text) {
        return Stream.of(Isolation.values())
                .filter(isolation -> isolation.text().equals(text))
                .findFirst()
                .orElseThrow();
    }

    private static <V> V known(Map<String, V> values, String key) {
        return Objects.requireNonNull(values.get(key), key);
    }
}
