package io.podslice.simulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.machine.SysfsMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Machines of kinds that have not been recorded. */
class SimulatedSysfsTest {
    private static final long GIB = 1L << 30;

    static Stream<Named<Machine>> machines() {
        return Stream.of(
                Named.of("the default of the simulated node", Machine.regular(2, 1, 8, 2, 64 * GIB)),
                Named.of("one CPU", Machine.regular(1, 1, 1, 1, GIB)),
                Named.of("no second threads", Machine.regular(1, 1, 6, 1, GIB)),
                Named.of("64 NUMA nodes", Machine.regular(4, 16, 2, 1, GIB)),
                Named.of("some CPUs offline", Machine.regular(2, 1, 4, 2, GIB).withOffline(CpuSet.parse("9,12-15"))),
                Named.of("isolated CPUs", Machine.regular(2, 1, 4, 2, GIB).withIsolated(CpuSet.parse("2-3,10-11"))),
                Named.of("huge pages", Machine.regular(2, 1, 2, 1, GIB).withHugepages(1, 2L << 20, 512)),
                Named.of("eight L3 caches in a NUMA node", epyc()),
                Named.of("sparse numbers and a node without CPUs", sparse()));
    }

    /**
     * Returns a machine of one socket, one node, and 8 complexes of 4 cores and 8 threads, each with its own L3 cache.
     */
    private static Machine epyc() {
        List<Cpu> cpus = new ArrayList<>();
        for (int id = 0; id < 64; id++) {
            int core = id % 32;
            cpus.add(new Cpu(id, core, 0, 0, core / 4 * 4));
        }
        return machine(cpus, new TreeMap<>(Map.of(0, 256 * GIB)), new TreeMap<>(Map.of(0, List.of(10))));
    }

    private static Machine sparse() {
        List<Cpu> cpus = List.of(new Cpu(3, 3, 1, 2, 3), new Cpu(70, 70, 1, 2, 3), new Cpu(515, 515, 4, 7, 515));
        SortedMap<Integer, Long> memory = new TreeMap<>(Map.of(2, GIB, 7, GIB, 9, 8 * GIB));
        SortedMap<Integer, List<Integer>> distances =
                new TreeMap<>(Map.of(2, List.of(10, 21, 28), 7, List.of(21, 10, 28), 9, List.of(28, 28, 10)));
        return machine(cpus, memory, distances);
    }

    private static Machine machine(
            List<Cpu> cpus, SortedMap<Integer, Long> memory, SortedMap<Integer, List<Integer>> distances) {
        SortedMap<Integer, Map<Long, Long>> pages = new TreeMap<>();
        memory.keySet().forEach(node -> pages.put(node, Map.of()));
        return new Machine(cpus, memory, pages, distances, CpuSet.empty(), CpuSet.empty());
    }

    @ParameterizedTest
    @MethodSource("machines")
    void whatIsWrittenIsReadBack(Machine machine, @TempDir Path sys) throws IOException {
        SimulatedSysfs.write(machine, sys);
        Machine read = SysfsMachine.read(sys, sys.resolve("proc"));
        assertThat(read.cpus()).isEqualTo(machine.cpus());
        assertThat(read.memory()).isEqualTo(machine.memory());
        assertThat(read.distances()).isEqualTo(machine.distances());
        assertThat(read.offline()).isEqualTo(machine.offline());
        assertThat(read.isolated()).isEqualTo(machine.isolated());
        assertThat(read.hugePageSizes()).isEqualTo(machine.hugePageSizes());
        machine.hugepages()
                .forEach((node, pages) -> assertThat(read.hugepages().get(node)).isEqualTo(pages));
    }
}
