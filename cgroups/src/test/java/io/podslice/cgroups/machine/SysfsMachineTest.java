package io.podslice.cgroups.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.HugePageSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SysfsMachineTest {
    private static final CpuSet EVEN = CpuSet.parse(
            "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,44,46,"
                    + "48,50,52,54,56,58,60,62,64,66,68,70,72,74,76,78,80,82,84,86,88,90,92,94,96,98,100,102,104,106,108,110");

    @TempDir
    Path sys;

    @ParameterizedTest
    @CsvSource({
        "2s-snc2-80cpu, 80, 40, 2, 4, 2",
        "2s-pmem-112cpu, 112, 56, 2, 6, 2",
        "2s-8numa-pmem-112cpu, 112, 56, 2, 8, 2",
        "4s-144cpu, 144, 72, 4, 4, 4",
        "desktop-20cpu, 20, 10, 1, 1, 1",
        "hybrid-16cpu, 16, 12, 1, 1, 1",
    })
    void countsWhatRealMachinesHave(String name, int cpus, long cores, int sockets, int nodes, long l3)
            throws IOException {
        Machine machine = RealMachine.read(name, sys);
        assertThat(machine.cpuSet()).isEqualTo(CpuSet.range(0, cpus - 1));
        assertThat(machine.cpus().stream().map(Cpu::core).distinct()).hasSize((int) cores);
        assertThat(machine.sockets()).isEqualTo(CpuSet.range(0, sockets - 1));
        assertThat(machine.numaNodes()).isEqualTo(CpuSet.range(0, nodes - 1));
        assertThat(machine.cpus().stream().map(Cpu::l3).distinct()).hasSize((int) l3);
        assertThat(machine.offline()).isEqualTo(CpuSet.empty());
        assertThat(machine.distances()).hasSize(nodes);
        assertThat(machine.hugePageSizes()).containsExactly(HugePageSize.parse("2MB"), HugePageSize.parse("1GB"));
    }

    @Test
    void readsASocketDividedIntoTwoNumaNodes() throws IOException {
        Machine machine = RealMachine.read("2s-snc2-80cpu", sys);
        assertThat(machine.cpusOfNode(0)).hasToString("0-2,5-6,10-12,15-16,40-42,45-46,50-52,55-56");
        assertThat(machine.cpusOfNode(3)).hasToString("23-24,27-29,33-34,37-39,63-64,67-69,73-74,77-79");
        assertThat(machine.cpusOfSocket(0)).hasToString("0-19,40-59");
        assertThat(machine.cpusOfSocket(0))
                .isEqualTo(machine.cpusOfNode(0).union(machine.cpusOfNode(1)))
                .isEqualTo(machine.cpusOfL3(0));
        assertThat(machine.cpusOfCore(2)).hasToString("2,42");
        assertThat(machine.cpu(42)).isEqualTo(new Cpu(42, 2, 0, 0, 0));
        assertThat(machine.distances().get(1)).containsExactly(11, 10, 21, 21);
        assertThat(machine.memory().get(0)).isEqualTo(48_005_604L * 1024);
        assertThat(machine.hugepages().get(2)).isEqualTo(Map.of(2L << 20, 2560L, 1L << 30, 0L));
        assertThat(machine.isolated()).isEqualTo(CpuSet.empty());
    }

    @Test
    void readsNodesWithoutCpusStripedNumbersAndIsolatedCpus() throws IOException {
        Machine machine = RealMachine.read("2s-pmem-112cpu", sys);
        assertThat(machine.isolated()).hasToString("4-7,60-63");
        assertThat(machine.cpusOfNode(4)).isEqualTo(CpuSet.empty());
        assertThat(machine.cpusOfNode(5)).isEqualTo(CpuSet.empty());
        assertThat(machine.memory().get(5)).isEqualTo(130_023_424L * 1024);
        assertThat(machine.distances().get(4)).containsExactly(17, 28, 28, 28, 10, 28);
        assertThat(machine.cpusOfSocket(0)).isEqualTo(EVEN);
        assertThat(machine.cpusOfL3(0)).isEqualTo(EVEN);
        assertThat(machine.cpusOfL3(1)).isEqualTo(machine.cpusOfSocket(1));
        assertThat(machine.cpusOfNode(2).stream()).allMatch(cpu -> cpu % 4 == 2).hasSize(28);
        assertThat(machine.nodesOf(CpuSet.of(4, 5, 6))).hasToString("0-2");
    }

    @Test
    void readsFourSockets() throws IOException {
        Machine machine = RealMachine.read("4s-144cpu", sys);
        assertThat(machine.cpusOfNode(2)).hasToString("36-53,108-125").isEqualTo(machine.cpusOfSocket(2));
        assertThat(machine.cpusOfL3(36)).isEqualTo(machine.cpusOfSocket(2));
        assertThat(machine.distances().get(3)).containsExactly(21, 21, 21, 10);
    }

    @Test
    void readsCoresWithAndWithoutAndSecondThread() throws IOException {
        Machine machine = RealMachine.read("hybrid-16cpu", sys);
        assertThat(machine.cpusOfCore(0)).hasToString("0-1");
        assertThat(machine.cpusOfCore(6)).hasToString("6-7");
        assertThat(machine.cpusOfCore(8)).hasToString("8");
        assertThat(machine.cpusOfCore(15)).hasToString("15");
    }

    @Test
    void fillsInWhatASmallKernelLeavesOut() throws IOException {
        write("devices/system/cpu/online", "0-2");
        write("devices/system/cpu/present", "0-3");
        write("proc/meminfo", "MemTotal:        4019896 kB\nMemFree:         3927472 kB");
        write("kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "12");
        write("devices/system/cpu/cpu2/topology/physical_package_id", "-1");
        Machine machine = SysfsMachine.read(sys, sys.resolve("proc"));
        assertThat(machine.cpus())
                .containsExactly(Cpu.withoutL3(0, 0, 0, 0), Cpu.withoutL3(1, 1, 0, 0), Cpu.withoutL3(2, 2, 0, 0));
        assertThat(machine.offline()).isEqualTo(CpuSet.of(3));
        assertThat(machine.memory()).isEqualTo(Map.of(0, 4_019_896L * 1024));
        assertThat(machine.hugepages()).isEqualTo(Map.of(0, Map.of(2L << 20, 12L)));
        assertThat(machine.distances()).isEmpty();
    }

    @Test
    void letsSocketsStandForL3CachesWhereSomeCpusHaveNone() throws IOException {
        write("devices/system/cpu/online", "0-3");
        write("proc/meminfo", "MemTotal: 1 kB");
        for (int cpu = 0; cpu < 4; cpu++) {
            write("devices/system/cpu/cpu" + cpu + "/topology/physical_package_id", Integer.toString(cpu / 2 * 5));
        }
        write("devices/system/cpu/cpu0/cache/index3/level", "3");
        write("devices/system/cpu/cpu0/cache/index3/type", "Unified");
        write("devices/system/cpu/cpu0/cache/index3/shared_cpu_list", "0-1");
        Machine machine = SysfsMachine.read(sys, sys.resolve("proc"));
        assertThat(machine.cpus()).noneMatch(Cpu::hasL3);
        assertThat(machine.cpusOfL3(machine.cpu(0).l3())).isEqualTo(CpuSet.of(0, 1));
        assertThat(machine.cpusOfL3(machine.cpu(3).l3())).isEqualTo(CpuSet.of(2, 3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "devices/system/cpu/online               | 0-x  | CPU list \"0-x\"",
                "devices/system/cpu/cpu1/topology/physical_package_id | two | \"two\" is no number",
                "devices/system/cpu/cpu1/topology/core_cpus_list | 1,  | CPU list \"1,\"",
                "devices/system/node/node1/meminfo       | none | no line \"MemTotal: NUMBER kB\"",
                "devices/system/node/node1/distance      | 10 x | \"x\" is no number",
                "devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages | '' | \"\" is no number",
            })
    void namesTheFileAndWhatItSays(String file, String text, String message) throws IOException {
        writeTwoNodes();
        write(file, text);
        assertThatThrownBy(() -> SysfsMachine.read(sys, sys))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(sys.resolve(file) + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void namesAMissingFile() throws IOException {
        assertThatThrownBy(() -> SysfsMachine.read(sys, sys))
                .isInstanceOf(IOException.class)
                .hasMessage(sys + "/devices/system/cpu/online: no such file");
        writeTwoNodes();
        write("devices/system/node/node1/cpulist", "");
        assertThatThrownBy(() -> SysfsMachine.read(sys, sys))
                .hasMessage(sys + "/devices/system/node: CPU 1 is online but in no node's cpulist");
    }

    @Test
    void readsTheMachineThatThisRunsOn() throws IOException {
        Machine machine = SysfsMachine.read(Path.of("/sys"), Path.of("/proc"));
        assertThat(machine.cpuSet().size()).isGreaterThanOrEqualTo(1);
        assertThat(machine.memory().values()).anyMatch(bytes -> bytes > 0);
        assertThat(List.copyOf(machine.numaNodes().stream().boxed().toList())).isNotEmpty();
    }

    private void writeTwoNodes() throws IOException {
        write("devices/system/cpu/online", "0-1");
        for (int node = 0; node < 2; node++) {
            write("devices/system/node/node" + node + "/cpulist", Integer.toString(node));
            write("devices/system/node/node" + node + "/meminfo", "Node " + node + " MemTotal: 1024 kB");
        }
    }

    private void write(String file, String text) throws IOException {
        Path path = sys.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text + "\n");
    }
}
