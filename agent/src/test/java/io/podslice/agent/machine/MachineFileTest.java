package io.podslice.agent.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MachineFileTest {
    private static final long GIB = 1L << 30;

    static Stream<Machine> machines() {
        List<Cpu> sparse = IntStream.of(3, 64, 1000, 8191)
                .mapToObj(id -> new Cpu(id, id, id % 2, 7 + id % 2, id))
                .toList();
        return Stream.of(
                Machine.regular(1, 1, 1, 1, GIB),
                Machine.regular(2, 1, 8, 2, 64 * GIB)
                        .withHugepages(0, 2 << 20, 512)
                        .withHugepages(1, GIB, 4)
                        .withOffline(CpuSet.parse("7,23"))
                        .withIsolated(CpuSet.parse("2-3,18-19")),
                Machine.regular(2, 8, 16, 2, 12_345 * 1024L),
                Machine.regular(64, 1, 2, 1, 0),
                new Machine(sparse, new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), CpuSet.empty(), CpuSet.empty()));
    }

    @ParameterizedTest
    @MethodSource("machines")
    void whatIsWrittenReadsAsTheSameMachine(Machine machine) throws DocumentException {
        assertThat(MachineFile.read("m.json", MachineFile.text(machine))).isEqualTo(machine);
    }

    @Test
    void onlyTheCpusMustBeThere() throws DocumentException {
        Machine machine = MachineFile.read("m.json", "{\"cpus\": [[1, 0, 0, 2, 0], [0, 0, 0, 2, 0]]}");
        assertThat(machine.cpus()).containsExactly(new Cpu(0, 0, 0, 2, 0), new Cpu(1, 0, 0, 2, 0));
        assertThat(machine.numaNodes()).hasToString("2");
        assertThat(machine.memory()).isEmpty();
        assertThat(machine.distances()).isEmpty();
    }

    @Test
    void readsEveryKey() throws DocumentException {
        Machine machine = MachineFile.read("m.json", """
                {
                \t"cpus": [[0, 0, 0, 0, 0], [1, 1, 0, 1, 0]],
                \t"memory": {"0": "64Gi", "1": 1024, "2": "1.5Ki"},
                \t"hugepages": {"0": {"2Mi": 512, "1Gi": 1}},
                \t"distances": [[10, 21, 17], [21, 10, 28], [17, 28, 10]],
                \t"offline": "2-3",
                \t"isolated": "1,3"
                }
                """);
        assertThat(machine.memory()).isEqualTo(Map.of(0, 64 * GIB, 1, 1024L, 2, 1536L));
        assertThat(machine.hugepages()).isEqualTo(Map.of(0, Map.of(2L << 20, 512L, GIB, 1L)));
        assertThat(machine.distances().get(2)).containsExactly(17, 28, 10);
        assertThat(machine.offline()).hasToString("2-3");
        assertThat(machine.isolated()).hasToString("1,3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "{}                                  | 1:1: cpus: is missing; must be a list of [id, core, socket, NUMA node, L3]",
                "[1]                                 | 1:1: must be a mapping, not a list",
                "{'cpus': 4}                         | 1:10: cpus: must be a list of [id, core, socket, NUMA node, L3], not an integer (4)",
                "{'cpus': []}                        | 1:2: cpus: is empty; a machine has at least one CPU",
                "{'cpus': [[0,0,0,0]]}               | 1:11: cpus[0]: must be [id, core, socket, NUMA node, L3], not a list of 4",
                "{'cpus': [[0,0,0,'x',0]]}           | 1:18: cpus[0][3]: \"x\": must be the id of a CPU's NUMA node, 0 to 65535",
                "{'cpus': [[0,0,0,0,-2]]}            | 1:20: cpus[0][4]: \"-2\": must be the id of a CPU's L3, -1 to 65535",
                "{'cpus': [[-1,0,0,0,0]]}            | 1:12: cpus[0][0]: \"-1\": must be the id of a CPU's id, 0 to 65535",
                "{'cpus': [[0,0,0,0,0],[0,1,0,0,0]]} | 1:23: cpus[1][0]: \"0\": is in cpus[0] already",
                "{'cpus': [[0,0,0,0,0],[1,0,1,0,0]]} | 1:23: cpus[1][1]: \"0\": CPU 0 has the same core in socket 0, NUMA node 0; ids of cores are unique in the machine",
                "{'cpus': [[0,0,0,0,0]], 'memory': {'0': '64Gx'}}  | 1:41: memory[0]: \"64Gx\": quantities must match",
                "{'cpus': [[0,0,0,0,0]], 'memory': {'0': '-1Gi'}}  | 1:41: memory[0]: \"-1Gi\": must be 0 or more",
                "{'cpus': [[0,0,0,0,0]], 'memory': {'zero': '1Gi'}} | 1:36: memory[zero]: must be by the number of a NUMA node, 0 to 65535",
                "{'cpus': [[0,0,0,0,0]], 'hugepages': {'1': {'2Mi': 1}}} | 1:1: hugepages[1]: there is no such NUMA node; there are 0",
                "{'cpus': [[0,0,0,0,0]], 'hugepages': {'0': {'2Mi': 1.5}}} | 1:52: hugepages[0][2Mi]: \"1.5\": must be a number of pages, 0 or more",
                "{'cpus': [[0,0,0,0,0]], 'hugepages': {'0': {'1k': 1}}} | 1:45: hugepages[0][1k]: must be by page size, such as 2Mi or 1Gi",
                "{'cpus': [[0,0,0,0,0]], 'distances': [[10,20],[20,10]]} | 1:25: distances: has 2 entries; must have one for each NUMA node, which are 0",
                "{'cpus': [[0,0,0,0,0]], 'distances': [[10,20]]}   | 1:39: distances[0]: has 2 entries; must have one for each NUMA node, which are 0",
                "{'cpus': [[0,0,0,0,0]], 'distances': [[256]]}     | 1:40: distances[0][0]: \"256\": must be a distance, 1 to 255",
                "{'cpus': [[0,0,0,0,0]], 'offline': '0-'}          | 1:36: offline: \"0-\": CPU list \"0-\"",
                "{'cpus': [[0,0,0,0,0]], 'offline': '0-1'}         | 1:25: offline: \"0-1\": 0 are in cpus, so online",
                "{'cpus': [[0,0,0,0,0]], 'isolated': '0-1'}        | 1:25: isolated: \"0-1\": the machine has no CPU 1",
                "{'cpus': [[0,0,0,0,0]], 'memroy': {}}             | 1:25: memroy: no such key; did you mean memory?",
                "{'cpus': [[0,0,0,0,0]                             | not valid JSON",
                "''                                                | holds nothing; a machine is one JSON object",
            })
    void namesLineFieldAndValueOfAMistake(String json, String message) {
        assertThatThrownBy(() -> MachineFile.read("m.json", json.replace('\'', '"')))
                .isInstanceOf(DocumentException.class)
                .hasMessageStartingWith("m.json:")
                .hasMessageContaining(message);
    }

    @Test
    void namesEveryMistakeAtOnce() {
        assertThatThrownBy(() -> MachineFile.read("m.json", """
                        {"cpus": [[0, 0, 0, 0, "a"], [1, 0]],
                         "memory": {"0": "much"},
                         "ofline": "3"}
                        """))
                .message()
                .hasLineCount(4)
                .contains(
                        "m.json:1:24: cpus[0][4]",
                        "m.json:1:30: cpus[1]",
                        "m.json:2:18: memory[0]",
                        "m.json:3:2: ofline");
    }
}
