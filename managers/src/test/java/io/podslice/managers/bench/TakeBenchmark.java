package io.podslice.managers.bench;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.managers.cpu.CpuAssignment;
import io.podslice.managers.cpu.CpuSorting;
import io.podslice.managers.cpu.CpuTopology;
import io.podslice.managers.cpu.L3Preference;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
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

/** Takes CPUs on a machine with 2 sockets, SMT and L3 caches of 16 CPUs; 512 CPUs have 16 NUMA nodes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-Xms256m", "-Xmx256m"})
public class TakeBenchmark {

    /** The ways to take CPUs, named after the policy options that select them. */
    public enum Strategy {
        PACKED,
        DISTRIBUTE_CPUS_ACROSS_CORES,
        DISTRIBUTE_CPUS_ACROSS_NUMA,
        PREFER_ALIGN_CPUS_BY_UNCORECACHE,
        UNCORECACHE_BEST_FIT,
        FULL_PCPUS_ONLY,
        FULL_PCPUS_ONLY_ACROSS_NUMA
    }

    @Param({"512"})
    public int cpus;

    @Param({"empty", "half"})
    public String machine = "";

    @Param({"1", "8", "64"})
    public int request;

    @Param
    public Strategy strategy = Strategy.PACKED;

    private CpuAssignment assignment = new CpuAssignment(CpuTopology.of(List.of(new Cpu(0, 0, 0, 0, 0))));
    private CpuSet available = CpuSet.empty();
    /** The number of CPUs; at least a core's threads where whole cores are allocated. */
    private int count;

    @Setup
    public void setUp() {
        CpuTopology topology = CpuTopology.of(machine(cpus));
        assignment = new CpuAssignment(topology);
        available = machine.equals("empty") ? topology.all() : half(topology.all());
        boolean byCore = strategy == Strategy.FULL_PCPUS_ONLY || strategy == Strategy.FULL_PCPUS_ONLY_ACROSS_NUMA;
        if (byCore) {
            CpuSet broken = topology.wholeCoresOf(available).minus(available);
            available = available.minus(topology.wholeCoresOf(broken));
        }
        count = byCore ? Math.max(2, request) : request;
    }

    /** Every second CPU on average, single threads of cores among them. */
    private static CpuSet half(CpuSet all) {
        SplittableRandom random = new SplittableRandom(512);
        return CpuSet.of(all.stream().filter(cpu -> random.nextBoolean()).toArray());
    }

    static List<Cpu> machine(int cpus) {
        int cores = cpus / 2;
        List<Cpu> result = new ArrayList<>();
        for (int id = 0; id < cpus; id++) {
            int core = id % cores;
            result.add(new Cpu(id, core, core / Math.max(cores / 2, 1), core / 16, core / 8));
        }
        return result;
    }

    @Benchmark
    public CpuSet take() {
        return switch (strategy) {
            case PACKED, FULL_PCPUS_ONLY -> assignment.packed(available, count, CpuSorting.PACKED, L3Preference.NONE);
            case DISTRIBUTE_CPUS_ACROSS_CORES ->
                assignment.packed(available, count, CpuSorting.SPREAD, L3Preference.NONE);
            case DISTRIBUTE_CPUS_ACROSS_NUMA -> assignment.distributed(available, count, 1, CpuSorting.PACKED);
            case PREFER_ALIGN_CPUS_BY_UNCORECACHE ->
                assignment.packed(available, count, CpuSorting.PACKED, L3Preference.EXACT_FIT);
            case UNCORECACHE_BEST_FIT -> assignment.packed(available, count, CpuSorting.PACKED, L3Preference.BEST_FIT);
            case FULL_PCPUS_ONLY_ACROSS_NUMA -> assignment.distributed(available, count, 2, CpuSorting.PACKED);
        };
    }
}
