package io.podslice.managers.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.topology.NumaSupply.Need;
import io.podslice.managers.topology.ResourceHints.Listed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A merge of supplies ends as if all their hints had been listed. */
class SupplyMergeTest {

    @ParameterizedTest
    @EnumSource(names = {"BEST_EFFORT", "RESTRICTED", "SINGLE_NUMA_NODE"})
    void ends_in_the_preferred_hint_that_listing_everything_ends_in(TopologyPolicy policy) {
        SplittableRandom random = new SplittableRandom(8);
        int preferred = 0;
        int several = 0;
        for (int i = 0; i < 4_000; i++) {
            NumaNodes nodes = nodes(random, random.nextInt(1, 6));
            HintMerger merger = new HintMerger(nodes, policy, random.nextBoolean());
            List<ResourceHints> supplies = new ArrayList<>();
            List<ResourceHints> lists = new ArrayList<>();
            for (int k = random.nextInt(1, 5); k > 0; k--) {
                NumaSupply supply = supply(random, nodes);
                supplies.add(supply);
                lists.add(listed(supply, nodes));
            }
            TopologyHint expected = merger.merge(lists);
            TopologyHint actual = merger.merge(supplies);
            assertThat(actual.preferred()).as("case " + i).isEqualTo(expected.preferred());
            if (expected.preferred() || policy == TopologyPolicy.SINGLE_NUMA_NODE || supplies.size() == 1) {
                assertThat(actual).as("case " + i).isEqualTo(expected);
            } else {
                isTheBestForAll(supplies, nodes, merger, actual);
            }
            CpuSet affinity = expected.affinity();
            preferred += expected.preferred() ? 1 : 0;
            several += expected.preferred() && affinity != null && affinity.size() > 1 ? 1 : 0;
        }
        assertThat(preferred).isGreaterThan(200);
        assertThat(several).isGreaterThan(policy == TopologyPolicy.SINGLE_NUMA_NODE ? -1 : 100);
    }

    /** Checks that a smallest set is found, where some set suits every resource that any set can serve at all. */
    private static void isTheBestForAll(
            List<ResourceHints> supplies, NumaNodes nodes, HintMerger merger, TopologyHint actual) {
        List<NumaSupply> having = new ArrayList<>();
        for (ResourceHints hints : supplies) {
            NumaSupply supply = (NumaSupply) hints;
            if (!listed(supply, nodes).hints().isEmpty()) {
                having.add(supply);
            }
        }
        if (having.isEmpty()) {
            assertThat(actual).isEqualTo(new TopologyHint(nodes.all(), false));
            return;
        }
        List<TopologyHint> fitting = new ArrayList<>();
        for (CpuSet set : subsets(nodes)) {
            if (having.stream().allMatch(supply -> supply.accepts(set))) {
                fitting.add(new TopologyHint(set, false));
            }
        }
        if (!fitting.isEmpty()) {
            assertThat(actual).isEqualTo(merger.merge(List.of(new Listed(fitting))));
        }
    }

    @Test
    void a_hint_for_many_nodes_of_64_is_found_at_once() {
        NumaNodes nodes = NumaNodes.of(CpuSet.range(0, 63), new TreeMap<>());
        Map<Integer, Long> total = new HashMap<>();
        Map<Integer, Long> free = new HashMap<>();
        for (int node = 0; node < 64; node++) {
            total.put(node, 16L);
            free.put(node, node % 2 == 0 ? 16L : 3L);
        }
        NumaSupply cpu =
                NumaSupply.of(nodes, List.of(new Need(200, total, free))).build();
        NumaSupply memory =
                NumaSupply.of(nodes, List.of(new Need(201, total, total))).build();
        TopologyHint merged = new HintMerger(nodes, TopologyPolicy.RESTRICTED, false).merge(List.of(cpu, memory));
        assertThat(merged)
                .isEqualTo(new TopologyHint(
                        CpuSet.parse("0-16,18,20,22,24").minus(CpuSet.of(1, 3, 5, 7, 9, 11, 13, 15)), true));
    }

    @Test
    void nodes_beyond_63_count_as_any_other() {
        NumaNodes nodes = NumaNodes.of(CpuSet.of(3, 64, 200, 1023), new TreeMap<>());
        NumaSupply cpu = NumaSupply.of(
                        nodes, List.of(new Need(4, Map.of(3, 4L, 64, 4L, 200, 4L, 1023, 4L), Map.of(1023, 4L))))
                .build();
        assertThat(new HintMerger(nodes, TopologyPolicy.SINGLE_NUMA_NODE, false).merge(List.of(cpu)))
                .isEqualTo(new TopologyHint(CpuSet.of(1023), true));
    }

    @Test
    void a_resource_that_cannot_be_had_makes_any_hint_one_that_is_not_preferred() {
        NumaNodes nodes = NumaNodes.of(CpuSet.of(0, 1), new TreeMap<>());
        NumaSupply cpu = NumaSupply.of(nodes, List.of(new Need(1, Map.of(0, 1L, 1, 1L), Map.of(1, 1L))))
                .build();
        List<ResourceHints> said = List.of(ResourceHints.NONE, cpu, ResourceHints.ANY);
        assertThat(new HintMerger(nodes, TopologyPolicy.BEST_EFFORT, false).merge(said))
                .isEqualTo(new TopologyHint(CpuSet.of(1), false));
        assertThat(new HintMerger(nodes, TopologyPolicy.SINGLE_NUMA_NODE, false).merge(said))
                .isEqualTo(new TopologyHint(null, false));
    }

    @Test
    void a_list_beside_a_supply_leaves_the_choice_among_its_sets() {
        NumaNodes nodes = NumaNodes.of(CpuSet.range(0, 3), new TreeMap<>());
        Map<Integer, Long> four = Map.of(0, 4L, 1, 4L, 2, 4L, 3, 4L);
        NumaSupply cpu = NumaSupply.of(nodes, List.of(new Need(4, four, Map.of(0, 1L, 1, 4L, 2, 4L, 3, 4L))))
                .build();
        Listed devices = new Listed(List.of(
                new TopologyHint(CpuSet.of(3), true),
                new TopologyHint(CpuSet.of(2), true),
                new TopologyHint(CpuSet.of(0), true),
                new TopologyHint(CpuSet.of(0, 1), false)));
        assertThat(new HintMerger(nodes, TopologyPolicy.RESTRICTED, false).merge(List.of(cpu, devices)))
                .isEqualTo(new TopologyHint(CpuSet.of(2), true));
    }

    @Test
    void where_no_listed_set_is_preferred_by_all_the_best_that_suits_all_is_taken() {
        NumaNodes nodes = NumaNodes.of(CpuSet.range(0, 3), new TreeMap<>());
        Map<Integer, Long> four = Map.of(0, 4L, 1, 4L, 2, 4L, 3, 4L);
        NumaSupply cpu = NumaSupply.of(nodes, List.of(new Need(4, four, Map.of(0, 1L, 1, 3L, 2, 2L, 3, 2L))))
                .build();
        Listed devices = new Listed(List.of(
                new TopologyHint(CpuSet.of(2, 3), false),
                new TopologyHint(CpuSet.of(0, 1), false),
                new TopologyHint(CpuSet.of(0), true)));
        Listed others =
                new Listed(List.of(new TopologyHint(CpuSet.of(2, 3), true), new TopologyHint(CpuSet.of(1, 2), true)));
        HintMerger merger = new HintMerger(nodes, TopologyPolicy.BEST_EFFORT, false);

        assertThat(merger.merge(List.of(cpu, devices))).isEqualTo(new TopologyHint(CpuSet.of(0, 1), false));
        assertThat(merger.merge(List.of(cpu, devices, others))).isEqualTo(new TopologyHint(CpuSet.of(2, 3), false));
        assertThat(new HintMerger(nodes, TopologyPolicy.SINGLE_NUMA_NODE, false).merge(List.of(cpu, devices)))
                .isEqualTo(new TopologyHint(null, false));
    }

    @Test
    void under_single_numa_node_a_listed_node_must_have_enough_of_everything() {
        NumaNodes nodes = NumaNodes.of(CpuSet.range(0, 3), new TreeMap<>());
        Map<Integer, Long> four = Map.of(0, 4L, 1, 4L, 2, 4L, 3, 4L);
        NumaSupply cpu = NumaSupply.of(nodes, List.of(new Need(4, four, Map.of(1, 4L, 2, 4L))))
                .build();
        Listed devices = new Listed(List.of(
                new TopologyHint(CpuSet.of(0, 1), true),
                new TopologyHint(CpuSet.of(0), true),
                new TopologyHint(CpuSet.of(2), true)));
        HintMerger merger = new HintMerger(nodes, TopologyPolicy.SINGLE_NUMA_NODE, false);

        assertThat(merger.merge(List.of(cpu, devices))).isEqualTo(new TopologyHint(CpuSet.of(2), true));
    }

    /** The whole search would make more than two million steps. */
    @Test
    void the_search_for_the_closest_of_64_nodes_ends_with_a_set_that_has_enough() {
        SplittableRandom random = new SplittableRandom(713);
        SortedMap<Integer, List<Integer>> distances = new TreeMap<>();
        for (int from = 0; from < 64; from++) {
            List<Integer> row = new ArrayList<>();
            for (int to = 0; to < 64; to++) {
                row.add(from == to ? 10 : from / 4 == to / 4 ? 12 : from / 8 == to / 8 ? 20 : 32);
            }
            distances.put(from, row);
        }
        NumaNodes nodes = NumaNodes.of(CpuSet.range(0, 63), distances);
        List<NumaSupply> supplies = new ArrayList<>();
        for (int kind = 0; kind < 3; kind++) {
            Map<Integer, Long> total = new HashMap<>();
            Map<Integer, Long> free = new HashMap<>();
            for (int node = 0; node < 64; node++) {
                total.put(node, 32L);
                free.put(node, random.nextBoolean() ? random.nextLong(33) : 32L);
            }
            supplies.add(
                    NumaSupply.of(nodes, List.of(new Need(240, total, free))).build());
        }

        TopologyHint merged =
                new HintMerger(nodes, TopologyPolicy.BEST_EFFORT, true).merge(List.<ResourceHints>copyOf(supplies));

        assertThat(supplies).allMatch(supply -> supply.accepts(merged.nodes()));
    }

    @Test
    void sets_of_nodes_that_are_not_there_do_for_nothing() {
        NumaNodes nodes = NumaNodes.of(CpuSet.of(0, 1), new TreeMap<>());
        NumaSupply supply =
                NumaSupply.of(nodes, List.of(new Need(0, Map.of(), Map.of()))).build();

        assertThat(supply.accepts(CpuSet.of(1))).isTrue();
        assertThat(supply.accepts(CpuSet.of(1, 2))).isFalse();
        assertThat(supply.accepts(CpuSet.empty())).isFalse();
    }

    @Test
    void without_distances_the_closest_fit_is_the_narrowest() {
        NumaNodes nodes = NumaNodes.of(CpuSet.of(0, 1, 2), new TreeMap<>());

        assertThat(nodes.hasDistances()).isFalse();
        assertThat(FitOrder.closest(nodes).compare(CpuSet.of(0, 2), CpuSet.of(1, 2)))
                .isNegative();
        assertThat(nodes.averageDistance(CpuSet.of(0, 1))).isZero();
    }

    private static NumaNodes nodes(SplittableRandom random, int count) {
        SortedMap<Integer, List<Integer>> distances = new TreeMap<>();
        boolean sparse = random.nextBoolean();
        for (int from = 0; from < count; from++) {
            Integer[] row = new Integer[count];
            Arrays.setAll(row, i -> random.nextInt(11, 14));
            row[from] = 10;
            distances.put(sparse ? from * 7 : from, List.of(row));
        }
        return NumaNodes.of(CpuSet.of(distances.keySet()), distances);
    }

    private static NumaSupply supply(SplittableRandom random, NumaNodes nodes) {
        List<Need> needs = new ArrayList<>();
        int most = random.nextInt(2, 9);
        for (int k = random.nextInt(4) == 0 ? 2 : 1; k > 0; k--) {
            Map<Integer, Long> total = new HashMap<>();
            Map<Integer, Long> free = new HashMap<>();
            nodes.all().forEach(node -> {
                long all = random.nextInt(4) == 0 ? random.nextInt(most + 1) : most;
                total.put(node, all);
                free.put(node, random.nextBoolean() ? all : random.nextLong(all + 1));
            });
            needs.add(new Need(random.nextInt(1, most * (random.nextInt(3) + 1) + 1), total, free));
        }
        NumaSupply.Builder builder = NumaSupply.of(nodes, needs);
        if (random.nextInt(8) == 0) {
            builder.requiring(CpuSet.of(nodes.id(random.nextInt(nodes.count()))));
        }
        if (random.nextInt(4) == 0) {
            builder.usable(some(random, nodes), some(random, nodes));
            CpuSet exact = some(random, nodes);
            if (!exact.isEmpty()) {
                builder.exact(
                        exact, needs.stream().map(need -> random.nextLong(4)).toList());
            }
        }
        if (random.nextInt(8) == 0) {
            builder.preferringSockets(node -> node / 2, 2);
        }
        return builder.build();
    }

    private static CpuSet some(SplittableRandom random, NumaNodes nodes) {
        return CpuSet.of(
                nodes.all().stream().filter(node -> random.nextInt(3) > 0).toArray());
    }

    private static Listed listed(NumaSupply supply, NumaNodes nodes) {
        List<TopologyHint> hints = new ArrayList<>();
        for (CpuSet set : subsets(nodes)) {
            if (supply.accepts(set)) {
                hints.add(new TopologyHint(set, supply.prefers(set)));
            }
        }
        return new Listed(hints);
    }

    private static List<CpuSet> subsets(NumaNodes nodes) {
        List<CpuSet> sets = new ArrayList<>();
        for (int mask = 1; mask < 1 << nodes.count(); mask++) {
            int chosen = mask;
            sets.add(CpuSet.of(java.util.stream.IntStream.range(0, nodes.count())
                    .filter(i -> (chosen & 1 << i) != 0)
                    .map(nodes::id)
                    .toArray()));
        }
        return sets;
    }
}
