package io.podslice.managers.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.topology.HintExplanation.Candidate;
import io.podslice.managers.topology.NumaSupply.Need;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HintExplanationTest {
    private static final long GIB = 1L << 30;

    private static NumaNodes nodes(int count) {
        return NumaNodes.of(CpuSet.range(0, count - 1), new TreeMap<>());
    }

    private static Map<Integer, Long> each(int nodes, long amount) {
        Map<Integer, Long> each = new HashMap<>();
        for (int node = 0; node < nodes; node++) {
            each.put(node, amount);
        }
        return each;
    }

    private static NumaSupply cpus(NumaNodes nodes, long asked, long total, Map<Integer, Long> free) {
        return NumaSupply.of(nodes, List.of(new Need(asked, each(nodes.count(), total), free)))
                .named(List.of("cpu"))
                .build();
    }

    private static NumaSupply memory(NumaNodes nodes, long asked, long total, Map<Integer, Long> free) {
        return NumaSupply.of(nodes, List.of(new Need(asked, each(nodes.count(), total), free)))
                .named(List.of("memory"))
                .build();
    }

    private static HintExplanation explain(NumaNodes nodes, TopologyPolicy policy, ResourceHints... said) {
        HintMerger merger = new HintMerger(nodes, policy, nodes.hasDistances());
        TopologyHint hint = merger.merge(List.of(said));
        return HintExplanation.of(new Merge(OptionalInt.empty(), List.of(said), hint, merger.admits(hint)), merger);
    }

    private static List<String> lines(HintExplanation explanation) {
        return explanation.candidates().stream()
                .map(candidate -> (candidate.nodes().isEmpty() ? "any " + candidate.size() : candidate.nodes())
                        + (candidate.chosen() ? " chosen" : " lost")
                        + (candidate.preferred() ? ", preferred" : "")
                        + (candidate.why().isEmpty() ? "" : ": " + candidate.why()))
                .toList();
    }

    @Test
    void saysWhatEachNodeIsShortOf() {
        NumaNodes nodes = nodes(3);
        HintExplanation explanation = explain(
                nodes,
                TopologyPolicy.RESTRICTED,
                cpus(nodes, 6, 8, Map.of(0, 5L, 1, 8L, 2, 8L)),
                memory(nodes, 16 * GIB, 32 * GIB, Map.of(0, 4 * GIB, 1, 16 * GIB - 1, 2, 32 * GIB)));
        assertThat(explanation.asked())
                .containsExactly(new HintExplanation.Asked("cpu 6", 1), new HintExplanation.Asked("memory 16Gi", 1));
        assertThat(lines(explanation))
                .containsExactly(
                        "0 lost: cpu: 5 of 6 free; memory: 4Gi of 16Gi free",
                        "1 lost: memory: 16383Mi of 16Gi free",
                        "2 chosen, preferred");
        assertThat(explanation.more()).isZero();
        assertThat(explanation.admits()).isTrue();
    }

    @Test
    void amongEqualsTheFirstAndTheClosestWin() {
        NumaNodes nodes = nodes(2);
        assertThat(lines(explain(nodes, TopologyPolicy.BEST_EFFORT, cpus(nodes, 1, 8, each(2, 8)))))
                .containsExactly("0 chosen, preferred", "1 lost, preferred: as good; 0 comes first");
        SortedMap<Integer, List<Integer>> distances =
                new TreeMap<>(Map.of(0, List.of(10, 30, 20), 1, List.of(30, 10, 20), 2, List.of(20, 20, 10)));
        NumaNodes apart = NumaNodes.of(CpuSet.range(0, 2), distances);
        assertThat(lines(explain(apart, TopologyPolicy.BEST_EFFORT, cpus(apart, 12, 8, each(3, 8)))))
                .endsWith(
                        "0-1 lost, preferred: as good, but its nodes are farther apart than 0,2",
                        "0,2 chosen, preferred",
                        "1-2 lost, preferred: as good; 0,2 comes first");
    }

    @Test
    void aSetThatIsLargerThanOnAnEmptyMachineIsNotPreferred() {
        NumaNodes nodes = nodes(2);
        NumaSupply supply = cpus(nodes, 6, 8, each(2, 4));
        HintExplanation admitted = explain(nodes, TopologyPolicy.BEST_EFFORT, supply);
        assertThat(lines(admitted))
                .containsExactly(
                        "0 lost: cpu: 4 of 6 free",
                        "1 lost: cpu: 4 of 6 free",
                        "0-1 chosen: not preferred: cpu would fit on 1 NUMA node of an empty machine");
        assertThat(admitted.admits()).isTrue();
        HintExplanation refused = explain(nodes, TopologyPolicy.RESTRICTED, supply);
        assertThat(refused.admits()).isFalse();
        assertThat(lines(refused)).isEqualTo(lines(admitted));
    }

    @Test
    void singleNumaNodeFiltersLargerSets() {
        NumaNodes nodes = nodes(3);
        HintExplanation explanation = explain(nodes, TopologyPolicy.SINGLE_NUMA_NODE, cpus(nodes, 12, 8, each(3, 8)));
        assertThat(explanation.admits()).isFalse();
        assertThat(explanation.candidates()).extracting(Candidate::chosen).containsExactly(false, false, false);
        assertThat(lines(explanation)).allMatch(line -> line.endsWith("lost: cpu: 8 of 12 free"));
    }

    @Test
    void theOnlyNodeOfAMachineIsChosenWhateverThePolicy() {
        NumaNodes nodes = nodes(1);
        for (TopologyPolicy policy : List.of(TopologyPolicy.RESTRICTED, TopologyPolicy.SINGLE_NUMA_NODE)) {
            assertThat(lines(explain(nodes, policy, cpus(nodes, 4, 8, each(1, 8)))))
                    .containsExactly("0 chosen, preferred");
        }
    }

    @Test
    void whereNobodyHasAPreferenceNothingIsConsidered() {
        HintExplanation explanation = explain(nodes(2), TopologyPolicy.RESTRICTED);
        assertThat(explanation.asked()).isEmpty();
        assertThat(explanation.candidates()).isEmpty();
        assertThat(explanation.admits()).isTrue();
    }

    @Test
    void sizesOfWhichNoSetWouldDoAreSummedUp() {
        NumaNodes nodes = nodes(64);
        HintExplanation explanation = explain(nodes, TopologyPolicy.RESTRICTED, cpus(nodes, 25, 8, each(64, 8)));
        List<String> lines = lines(explanation);
        assertThat(lines).hasSize(64 + 2 + 16);
        assertThat(lines.get(63)).isEqualTo("63 lost: cpu: 8 of 25 free");
        assertThat(lines.get(64)).isEqualTo("any 2 lost: cpu: at most 16 of 25 free");
        assertThat(lines.get(65)).isEqualTo("any 3 lost: cpu: at most 24 of 25 free");
        assertThat(lines.get(66)).isEqualTo("0-3 chosen, preferred");
        assertThat(explanation.more()).isEqualTo(635_376 - 16);
    }

    @Test
    void theChosenSetIsListedHoweverLateItComes() {
        NumaNodes nodes = nodes(12);
        Map<Integer, Long> free = each(12, 3);
        free.put(10, 8L);
        free.put(11, 8L);
        HintExplanation explanation = explain(nodes, TopologyPolicy.RESTRICTED, cpus(nodes, 16, 8, free));
        assertThat(lines(explanation)).endsWith("10-11 chosen, preferred").contains("0-1 lost: cpu: 6 of 16 free");
        assertThat(explanation.more()).isEqualTo(66 - 17);
    }

    @Test
    void whatAResourceHasItKeeps() {
        NumaNodes nodes = nodes(2);
        ResourceHints kept = new ResourceHints.Listed(List.of(new TopologyHint(CpuSet.of(1), true)));
        assertThat(lines(explain(nodes, TopologyPolicy.RESTRICTED, kept, cpus(nodes, 2, 8, each(2, 8)))))
                .containsExactly("0 lost: not a set that the resource accepts", "1 chosen, preferred");
        assertThat(lines(explain(nodes, TopologyPolicy.RESTRICTED, ResourceHints.NONE)))
                .allMatch(line -> line.contains("no set of NUMA nodes can serve it"));
    }

    @Test
    void groupsOfNodesAreInUse() {
        NumaNodes nodes = nodes(2);
        NumaSupply supply = NumaSupply.of(nodes, List.of(new Need(20 * GIB, each(2, 16 * GIB), each(2, 12 * GIB))))
                .named(List.of("memory"))
                .usable(nodes.all(), CpuSet.empty())
                .build();
        assertThat(lines(explain(nodes, TopologyPolicy.BEST_EFFORT, supply)))
                .last()
                .asString()
                .contains("memory: in use for other groups of NUMA nodes");
    }

    @Test
    void initContainersMustBeCovered() {
        NumaNodes nodes = nodes(2);
        NumaSupply supply = NumaSupply.of(nodes, List.of(new Need(2, each(2, 8), each(2, 8))))
                .named(List.of("cpu"))
                .requiring(CpuSet.of(1))
                .build();
        assertThat(lines(explain(nodes, TopologyPolicy.BEST_EFFORT, supply)))
                .containsExactly(
                        "0 lost: cpu: lacks node 1, where an init container has its own", "1 chosen, preferred");
    }
}
