package io.podslice.agent.plan;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.MachineFit;
import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.Placement;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.topology.HintExplanation;
import io.podslice.managers.topology.Rejection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The plan for pods that come to a machine one after the other, by the placer that a node has.
 *
 * @param pods in the order in which they come
 * @param nodeSharedPool the CPUs that no pod has exclusively, after the last pod
 * @param kubepods the path of the cgroup of all pods, and the values of its files, by file; empty where no memory is
 *     protected
 */
public record NodePlan(
        Machine machine,
        PlacementPolicy policy,
        List<PodPlan> pods,
        CpuSet nodeSharedPool,
        Map<String, String> kubepods) {

    /** The most pods among which a move is searched, as on a node. */
    private static final int MOST_PODS_TO_MOVE = 100;

    public NodePlan {
        pods = List.copyOf(pods);
        kubepods = Collections.unmodifiableMap(new LinkedHashMap<>(kubepods));
    }

    /**
     * Admits pods in order. A pod that is refused leaves nothing behind.
     *
     * @param configuration one in which {@link MachineFit} finds no problem on the machine
     * @param pageBytes size of the machine's memory pages
     */
    public static NodePlan of(Machine machine, Configuration configuration, List<Pod> pods, long pageBytes) {
        PlacementPolicy policy = configuration.policy();
        PodPlacer placer = new PodPlacer(machine, MachineFit.placeable(policy, machine));
        List<Answer> answers = new ArrayList<>();
        NodePlacements all = NodePlacements.EMPTY;
        for (Pod pod : pods) {
            List<HintExplanation> hints = placer.explain(all, pod.uid(), pod.spec(), pod.exclusive());
            Optional<Rejection> rejection = Optional.empty();
            switch (placer.place(all, pod.uid(), pod.spec(), pod.exclusive())) {
                case Placement.Placed placed -> all = all.with(pod.uid(), placed.placement());
                case Placement.Rejected rejected -> rejection = Optional.of(withMove(rejected, placer, all, pod, pods));
            }
            answers.add(new Answer(pod, hints, rejection));
        }
        CpuSet pool = placer.nodeSharedPool(all);
        List<Pod> admitted = answers.stream()
                .filter(answer -> answer.rejection().isEmpty())
                .map(Answer::pod)
                .toList();
        PodPlanner planner = new PodPlanner(machine, configuration, admitted, all, pool, pageBytes);
        return new NodePlan(
                machine,
                policy,
                answers.stream()
                        .map(answer -> planner.plan(answer.pod(), answer.hints(), answer.rejection()))
                        .toList(),
                pool,
                planner.kubepods());
    }

    /** Returns the rejection, with the smallest move that makes room for the pod where one is known. */
    private static Rejection withMove(
            Placement.Rejected rejected, PodPlacer placer, NodePlacements all, Pod pod, List<Pod> pods) {
        Rejection why = rejected.rejection();
        if (rejected.never() || all.pods().size() > MOST_PODS_TO_MOVE) {
            return why;
        }
        return placer.smallestMove(all, pod.uid(), pod.spec(), pod.exclusive(), Map.of())
                .map(move -> why.withDetail(why.detail() + "; " + move.text(nameOf(move.uid(), pods))))
                .orElse(why);
    }

    private static String nameOf(String uid, List<Pod> pods) {
        return pods.stream()
                .filter(pod -> pod.uid().equals(uid))
                .map(Pod::fullName)
                .findFirst()
                .orElse(uid);
    }

    private record Answer(Pod pod, List<HintExplanation> hints, Optional<Rejection> rejection) {}

    /** Returns the number of pods that are admitted. */
    public int admitted() {
        return (int) pods.stream().filter(PodPlan::admitted).count();
    }
}
