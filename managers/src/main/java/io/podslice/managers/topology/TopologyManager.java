package io.podslice.managers.topology;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Admits pods: asks every resource manager for hints on a pod or container, merges them, and lets the managers allocate
 * by the merged hint. Stateless; any thread may use it.
 */
public final class TopologyManager {
    private final HintMerger merger;
    private final TopologyScope scope;

    public TopologyManager(HintMerger merger, TopologyScope scope) {
        this.merger = merger;
        this.scope = scope;
    }

    /** Explains a merging of hints by this manager. */
    public HintExplanation explain(Merge merge) {
        return HintExplanation.of(merge, merger);
    }

    /**
     * A pod as the topology manager sees it.
     *
     * @param containers number of containers, ephemeral ones not counted
     * @param podLevel true if it has pod-level resources that the managers allocate as a whole (KEP-2837 with KEP-5526)
     */
    public record Pod(int containers, boolean podLevel) {}

    /**
     * The outcome of an attempt.
     *
     * @param rejection the reason for not admitting the pod; empty if it is admitted
     * @param hints the hint of each container as far as the attempt came; empty where there was nothing to decide
     */
    public record Outcome(Optional<Rejection> rejection, List<TopologyHint> hints) {
        public Outcome {
            hints = List.copyOf(hints);
        }

        public boolean admitted() {
            return rejection.isEmpty();
        }
    }

    /**
     * Tells if a pod with pod-level resources is allocated them as a whole; otherwise its containers are allocated one
     * by one.
     */
    public boolean allocatesAsOne(Pod pod) {
        return pod.podLevel() && scope == TopologyScope.POD && merger.policy() != TopologyPolicy.NONE;
    }

    /** Tells if the policy admits no pod beyond the NUMA nodes of its hint: restricted and single-numa-node. */
    public boolean isBinding() {
        return merger.policy() == TopologyPolicy.RESTRICTED || merger.policy() == TopologyPolicy.SINGLE_NUMA_NODE;
    }

    /**
     * Tries to admit a pod. A pod keeps its present allocation, whatever the policy would say today: a pod that has all
     * it asks for is admitted. Providers that have allocated are not rolled back if a later one refuses: the caller
     * must discard them.
     *
     * @param providers one for each resource manager, all for this pod, in the order in which they allocate
     */
    public Outcome admit(Pod pod, List<? extends HintProvider> providers) {
        return admit(pod, providers, merge -> {});
    }

    /**
     * Tries to admit a pod, and reports each merging of hints.
     *
     * @param witness receives each merging of hints, in order
     */
    public Outcome admit(Pod pod, List<? extends HintProvider> providers, Consumer<Merge> witness) {
        if (areSettled(providers)) {
            return new Outcome(Optional.empty(), List.of());
        }
        if (merger.policy() == TopologyPolicy.NONE) {
            return oneByOne(pod, providers, false, witness);
        }
        return switch (scope) {
            case CONTAINER -> oneByOne(pod, providers, true, witness);
            case POD -> asOne(pod, providers, witness);
        };
    }

    private static boolean areSettled(List<? extends HintProvider> providers) {
        for (HintProvider provider : providers) {
            if (!provider.isSettled()) {
                return false;
            }
        }
        return true;
    }

    private Outcome oneByOne(
            Pod pod, List<? extends HintProvider> providers, boolean aligned, Consumer<Merge> witness) {
        List<TopologyHint> hints = new ArrayList<>();
        for (int container = 0; container < pod.containers(); container++) {
            List<ResourceHints> said = new ArrayList<>();
            for (HintProvider provider : aligned ? providers : List.<HintProvider>of()) {
                said.addAll(provider.containerHints(container));
            }
            TopologyHint hint = merger.merge(said);
            witness.accept(new Merge(OptionalInt.of(container), said, hint, merger.admits(hint)));
            if (!merger.admits(hint)) {
                return new Outcome(Optional.of(misaligned(pod, providers)), hints);
            }
            hints.add(hint);
            for (HintProvider provider : providers) {
                Optional<Rejection> rejection = provider.allocate(container, hint);
                if (rejection.isPresent()) {
                    return new Outcome(rejection, hints);
                }
            }
        }
        return new Outcome(Optional.empty(), hints);
    }

    private Outcome asOne(Pod pod, List<? extends HintProvider> providers, Consumer<Merge> witness) {
        List<ResourceHints> said = new ArrayList<>();
        for (HintProvider provider : providers) {
            said.addAll(provider.podHints());
        }
        TopologyHint hint = merger.merge(said);
        witness.accept(new Merge(OptionalInt.empty(), said, hint, merger.admits(hint)));
        if (!merger.admits(hint)) {
            return new Outcome(Optional.of(misaligned(pod, providers)), List.of());
        }
        List<TopologyHint> hints = Collections.nCopies(pod.containers(), hint);
        for (int container = 0; container < (pod.podLevel() ? 1 : pod.containers()); container++) {
            for (HintProvider provider : providers) {
                Optional<Rejection> rejection =
                        pod.podLevel() ? provider.allocatePod(hint) : provider.allocate(container, hint);
                if (rejection.isPresent()) {
                    return new Outcome(rejection, hints);
                }
            }
        }
        return new Outcome(Optional.empty(), hints);
    }

    private Rejection misaligned(Pod pod, List<? extends HintProvider> providers) {
        String message = !pod.podLevel()
                ? "Resources cannot be allocated with Topology locality"
                : switch (scope) {
                    case POD ->
                        "Pod Scope pod with pod-level resources failed admission under pod-scope topology manager";
                    case CONTAINER ->
                        "Pod Scope pod with pod-level resources failed admission with a container-level topology manager";
                };
        List<String> outlook = new ArrayList<>();
        for (HintProvider provider : providers) {
            if (!provider.outlook().isEmpty()) {
                outlook.add(provider.outlook());
            }
        }
        String brief = providers.stream()
                .map(HintProvider::brief)
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("; "));
        return new Rejection(
                Rejection.Manager.TOPOLOGY, Rejection.TOPOLOGY_AFFINITY, message, String.join("; ", outlook), brief);
    }
}
