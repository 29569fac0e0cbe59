package io.podslice.managers.bench;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.topology.HintMerger;
import io.podslice.managers.topology.NumaNodes;
import io.podslice.managers.topology.NumaSupply;
import io.podslice.managers.topology.NumaSupply.Need;
import io.podslice.managers.topology.ResourceHints;
import io.podslice.managers.topology.TopologyHint;
import io.podslice.managers.topology.TopologyPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Makes and merges the hints of CPUs, memory with huge pages, and two kinds of devices. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-Xms256m", "-Xmx256m"})
public class MergeBenchmark {

    @Param({"8", "16", "32", "64"})
    public int numaNodes;

    /** NUMA nodes that the request needs on an empty machine. */
    @Param({"1", "4"})
    public int needed;

    @Param({"BEST_EFFORT", "RESTRICTED", "SINGLE_NUMA_NODE"})
    public TopologyPolicy policy = TopologyPolicy.NONE;

    @Param({"false", "true"})
    public boolean closest;

    private NumaNodes nodes = NumaNodes.of(CpuSet.of(0), new TreeMap<>());
    private HintMerger merger = new HintMerger(nodes, policy, false);
    private List<List<Need>> needs = List.of();

    @Setup
    public void setUp() {
        SortedMap<Integer, List<Integer>> distances = new TreeMap<>();
        for (int from = 0; from < numaNodes; from++) {
            List<Integer> row = new ArrayList<>();
            for (int to = 0; to < numaNodes; to++) {
                row.add(from == to ? 10 : from / 4 == to / 4 ? 12 : from / 8 == to / 8 ? 20 : 32);
            }
            distances.put(from, row);
        }
        nodes = NumaNodes.of(CpuSet.range(0, numaNodes - 1), distances);
        merger = new HintMerger(nodes, policy, closest);
        SplittableRandom random = new SplittableRandom(numaNodes);
        needs = List.of(
                List.of(need(random, 32L, needed * 20L)),
                List.of(need(random, 64L << 30, needed * (40L << 30)), need(random, 16L << 30, needed * (4L << 30))),
                List.of(need(random, 4, needed)),
                List.of(need(random, 2, needed)));
    }

    private Need need(SplittableRandom random, long each, long amount) {
        Map<Integer, Long> total = new HashMap<>();
        Map<Integer, Long> free = new HashMap<>();
        nodes.all().forEach(node -> {
            total.put(node, each);
            free.put(node, random.nextBoolean() ? each : random.nextLong(each + 1));
        });
        return new Need(amount, total, free);
    }

    @Benchmark
    public TopologyHint merge() {
        List<ResourceHints> said = new ArrayList<>();
        for (List<Need> need : needs) {
            said.add(NumaSupply.of(nodes, need).build());
        }
        return merger.merge(said);
    }
}
