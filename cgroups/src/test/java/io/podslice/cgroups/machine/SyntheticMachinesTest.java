package io.podslice.cgroups.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines of which no recorded sysfs is at hand: the sysfs written for a machine is read back as that machine. */
class SyntheticMachinesTest {
    private static final long GIB = 1L << 30;

    @TempDir
    Path scratch;

    private void readsAsItself(Machine machine) throws IOException {
        try (FileSystem archive = FileSystems.newFileSystem(scratch.resolve("sys.zip"), Map.of("create", "true"))) {
            Path sys = archive.getPath("/sys");
            new SysfsTree(sys).write(machine);
            assertThat(SysfsMachine.read(sys, archive.getPath("/proc"))).isEqualTo(machine);
        }
    }

    @Test
    void manyL3CachesInANumaNode() throws IOException {
        Machine plain = Machine.regular(2, 2, 16, 2, 64 * GIB);
        List<Cpu> cpus = new ArrayList<>();
        for (Cpu cpu : plain.cpus()) {
            cpus.add(new Cpu(cpu.id(), cpu.core(), cpu.socket(), cpu.numaNode(), cpu.core() / 4 * 4));
        }
        Machine machine =
                new Machine(cpus, plain.memory(), plain.hugepages(), plain.distances(), CpuSet.empty(), CpuSet.empty());
        assertThat(machine.cpus().stream().map(Cpu::l3).distinct()).hasSize(16);
        readsAsItself(machine);
    }

    @Test
    void oneThreadInACore() throws IOException {
        readsAsItself(Machine.regular(2, 1, 8, 1, 64 * GIB).withHugepages(1, 2 << 20, 512));
    }

    @Test
    void oneNumaNode() throws IOException {
        readsAsItself(Machine.regular(1, 1, 4, 2, 16 * GIB));
    }

    @Test
    void offlineAndIsolatedCpus() throws IOException {
        readsAsItself(Machine.regular(2, 1, 8, 2, 64 * GIB)
                .withOffline(CpuSet.parse("3,19,24-31"))
                .withIsolated(CpuSet.parse("4-5,20-21")));
    }

    @Test
    void sixtyFourNumaNodes() throws IOException {
        readsAsItself(Machine.regular(8, 8, 2, 1, 4 * GIB));
    }

    @Test
    void numbersWithGaps() throws IOException {
        List<Cpu> cpus = List.of(
                new Cpu(2, 2, 1, 3, 2),
                new Cpu(40, 40, 1, 3, 2),
                new Cpu(64, 2, 1, 3, 2),
                new Cpu(500, 500, 4, 9, 500));
        readsAsItself(new Machine(
                cpus,
                new TreeMap<>(Map.of(3, GIB, 9, 2 * GIB)),
                new TreeMap<>(),
                new TreeMap<>(Map.of(3, List.of(10, 21), 9, List.of(21, 10))),
                CpuSet.empty(),
                CpuSet.empty()));
    }
}
