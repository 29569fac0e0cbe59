package io.podslice.agent.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextMapTest {
    @ParameterizedTest
    @MethodSource("io.podslice.agent.map.SampleMaps#machines")
    void aPictureStaysWithinItsWidth(Machine machine) {
        for (int width : new int[] {80, 100, 160}) {
            assertThat(TextMap.picture(SampleMaps.map(machine, 7), width, false).lines())
                    .allMatch(line -> line.length() <= width);
        }
    }

    @Test
    void aSmallMachineWithEverySign() {
        Machine machine = Machine.regular(2, 1, 4, 2, 32L << 30)
                .withHugepages(1, 2 << 20, 512)
                .withOffline(CpuSet.of(7, 15))
                .withIsolated(CpuSet.of(6, 14));
        NodeMap map = new NodeMap(
                "a node",
                machine,
                CpuSet.of(0),
                CpuSet.parse("0,8-9"),
                List.of(
                        SampleMaps.pod("default/web", CpuSet.parse("1-2,10"), machine),
                        SampleMaps.pod("default/batch", CpuSet.empty(), machine),
                        SampleMaps.pod("default/db", CpuSet.parse("4-5,13"), machine),
                        SampleMaps.pod("default/thief", CpuSet.parse("3,5,15"), machine)),
                List.of("a note"));
        assertThat(TextMap.text(map, 100, false)).isEqualTo("""
                a node
                +- 14 CPUs, 7 cores, 64Gi ----------------------------------------------------+
                | +- socket 0, NUMA node 0, 32Gi, L3 -+ +- socket 1, NUMA node 1, 32Gi, L3 -+ |
                | | A: example.com/gpu gpu-0          | | 512 huge pages of 2Mi             | |
                | | C: example.com/gpu gpu-0          | | B: example.com/gpu gpu-0          | |
                | | [.  0] A  1  A  2  C  3           | | C: example.com/gpu gpu-0          | |
                | |  .  8  .  9  a 10  - 11           | |  B  4  *  5 (-  6)                | |
                | |                                   | |  - 12  b 13 (- 14)                | |
                | +-----------------------------------+ +-----------------------------------+ |
                | +- offline ---------------------------------------------------------------+ |
                | | x-  7x xc 15x                                                           | |
                | +-------------------------------------------------------------------------+ |
                +-----------------------------------------------------------------------------+

                     POD            CPU  MEMORY  EXCLUSIVE  SHARED  NUMA  ISOLATION                 SPEC
                A a  default/web    3    2Gi     1-2        10      0     container: app; pod: log  podsAPI
                B b  default/db     3    2Gi     4-5        13      1     container: app; pod: log  podsAPI
                C c  default/thief  3    2Gi     3,5        15      0-1   container: app; pod: log  podsAPI

                A    exclusive to containers of pod A
                a    the shared pool of pod A
                .    the node shared pool
                *    claimed by several pods
                -    no pod
                [ ]  reserved: no pod gets it for itself
                ( )  isolated at boot: no pod gets it
                x x  offline, or forbidden by the cgroups above pods
                1 pod runs in the node shared pool
                a note
                """);
    }

    @Test
    void coloursComeOnlyWhereTheyAreWanted() {
        Machine machine = Machine.regular(1, 1, 2, 1, 1 << 30);
        NodeMap map = new NodeMap(
                "",
                machine,
                CpuSet.empty(),
                CpuSet.of(1),
                List.of(SampleMaps.pod("default/web", CpuSet.of(0), machine)),
                List.of());
        assertThat(TextMap.picture(map, 100, false)).doesNotContain("\u001b");
        assertThat(TextMap.picture(map, 100, true))
                .contains("\u001b[48;5;25;38;5;231;1m A 0 \u001b[0m\u001b[48;5;236;38;5;248m . 1 \u001b[0m");
    }

    @Test
    void aMachineLargerThanAnyIsRefused() {
        Machine machine = Machine.regular(1, 1, 8, 1, 1 << 30).withBarred(CpuSet.parse("8-8192"));
        assertThatThrownBy(() -> SampleMaps.map(machine, 1))
                .hasMessage("the machine has 8193 CPUs; a map shows at most 8192");
    }

    @Test
    void theLargestMachineIsDrawn() {
        Machine machine = Machine.regular(16, 4, 64, 2, 1L << 40);
        NodeMap map = SampleMaps.map(machine, 1);
        assertThat(TextMap.picture(map, 200, false).lines()).allMatch(line -> line.length() <= 200);
        assertThat(SvgMap.text(List.of(map)).length()).isLessThan(4 << 20);
    }
}
