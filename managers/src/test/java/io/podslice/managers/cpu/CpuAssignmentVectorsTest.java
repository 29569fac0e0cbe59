package io.podslice.managers.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.vectors.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Every answer of the kubelet's code, except its defects. */
class CpuAssignmentVectorsTest {

    @ParameterizedTest
    @ValueSource(strings = {"cpu-tables.jsonl", "cpu-random.jsonl", "cpu-random-quirks.jsonl"})
    void assigns_what_the_kubelet_does_without_its_defects(String file) {
        List<JsonNode> cases = Vectors.lines(file);
        Topologies topologies = new Topologies();
        List<String> wrong = new ArrayList<>();
        for (JsonNode c : cases) {
            String expected = expected(c);
            String actual = answer(topologies.get(c.required("topology").stringValue()), c);
            if (!actual.equals(expected)) {
                wrong.add(c.required("name").stringValue() + ": " + actual + " for " + expected);
            }
        }
        assertThat(cases).isNotEmpty();
        assertThat(wrong).as("of " + cases.size() + " cases").isEmpty();
    }

    private static String expected(JsonNode c) {
        for (String key : List.of("errorFixed", "expectedFixed", "error", "expected")) {
            if (c.has(key)) {
                return c.required(key).stringValue();
            }
        }
        throw new AssertionError("no expectation in " + c);
    }

    private static String answer(CpuTopology topology, JsonNode c) {
        CpuAssignment assignment = new CpuAssignment(topology);
        CpuSet available = CpuSet.parse(c.required("available").stringValue());
        int count = c.required("request").intValue();
        CpuSorting sorting = switch (c.required("strategy").stringValue()) {
            case "packed" -> CpuSorting.PACKED;
            case "spread" -> CpuSorting.SPREAD;
            default -> throw new AssertionError("strategy in " + c);
        };
        try {
            return c.required("distributeAcrossNuma").booleanValue()
                    ? assignment
                            .distributed(
                                    available, count, c.required("cpuGroupSize").intValue(), sorting)
                            .toString()
                    : assignment
                            .packed(
                                    available,
                                    count,
                                    sorting,
                                    c.required("preferAlignByUncoreCache").booleanValue()
                                            ? L3Preference.EXACT_FIT
                                            : L3Preference.NONE)
                            .toString();
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void orders_free_elements_as_the_kubelet_does() {
        Topologies topologies = new Topologies();
        List<String> wrong = new ArrayList<>();
        for (JsonNode c : Vectors.lines("cpu-accumulator-tables.jsonl")) {
            int[] expected = c.required("expected")
                    .valueStream()
                    .mapToInt(JsonNode::intValue)
                    .toArray();
            int[] actual = order(topologies.get(c.required("topology").stringValue()), c);
            if (!Arrays.equals(actual, expected)) {
                wrong.add(c.required("name").stringValue() + ": " + Arrays.toString(actual));
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static int[] order(CpuTopology topology, JsonNode c) {
        PackedTake take = new PackedTake(topology);
        long[] free = topology.bits(CpuSet.parse(c.required("available").stringValue()));
        take.count(free);
        String op = c.required("op").stringValue();
        return switch (op) {
            case "freeSockets" -> {
                int[] sockets = whole(topology.sockets, take.orderSockets().copy(), free);
                // The table lists them sorted by id where it does not say otherwise.
                yield c.required("name").stringValue().startsWith("TestCPUAccumulatorFreeSockets/")
                        ? Arrays.stream(sockets).sorted().toArray()
                        : sockets;
            }
            case "freeNUMANodes" -> whole(topology.numas, take.orderNumas().copy(), free);
            case "freeCores" -> whole(topology.cores, take.orderCores().copy(), free);
            case "freeCPUs" ->
                Arrays.stream(take.orderCores().copy())
                        .flatMap(core -> topology.cpuSet(and(topology.cores.cpus[core], free)).stream())
                        .toArray();
            default -> throw new AssertionError("op in " + c);
        };
    }

    private static int[] whole(Elements elements, int[] order, long[] free) {
        return Arrays.stream(order)
                .filter(element -> Arrays.equals(and(elements.cpus[element], free), elements.cpus[element]))
                .map(element -> elements.ids[element])
                .toArray();
    }

    private static long[] and(long[] a, long[] b) {
        long[] both = new long[a.length];
        Arrays.setAll(both, i -> a[i] & b[i]);
        return both;
    }
}
