package io.podslice.agent.map;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.machine.RealMachines;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Boxes lie within each other and never over each other, and every CPU has one. */
class LayoutTest {
    static Stream<Machine> machines() throws IOException, DocumentException {
        List<Machine> machines = new ArrayList<>(SampleMaps.machines().toList());
        for (String name : RealMachines.NAMES) {
            machines.add(RealMachines.ofXml(name, 2));
        }
        return machines.stream();
    }

    @ParameterizedTest
    @MethodSource("machines")
    void boxesOfAPictureAreInOrder(Machine machine) {
        NodeMap map = SampleMaps.map(machine, 1);
        Uses uses = Uses.of(map);
        check(map, Layout.of(Nesting.of(map), SvgMap.metrics(map, uses.longestSign(), uses.digits())));
    }

    @ParameterizedTest
    @MethodSource("machines")
    void boxesOfATextAreInOrder(Machine machine) {
        for (int seed = 0; seed < 3; seed++) {
            NodeMap map = SampleMaps.map(machine, seed);
            check(map, Layout.of(Nesting.of(map).joined(), TextMap.metrics(map, Uses.of(map), 100)));
        }
    }

    private static void check(NodeMap map, Box machine) {
        List<Integer> cpus = new ArrayList<>();
        inOrder(machine, cpus);
        assertThat(machine.x()).isZero();
        assertThat(machine.y()).isZero();
        assertThat(cpus).doesNotHaveDuplicates();
        assertThat(CpuSet.of(cpus))
                .isEqualTo(map.machine()
                        .cpuSet()
                        .union(map.machine().offline())
                        .union(map.machine().barred()));
    }

    private static void inOrder(Box box, List<Integer> cpus) {
        assertThat(box.width()).as("%s", box.part()).isPositive();
        assertThat(box.height()).as("%s", box.part()).isPositive();
        if (box.part().kind() == Part.Kind.CPU) {
            cpus.add(box.part().id());
        }
        for (Box inner : box.boxes()) {
            assertThat(inner.x()).as("%s in %s", inner, box).isGreaterThanOrEqualTo(box.x());
            assertThat(inner.y()).as("%s in %s", inner, box).isGreaterThanOrEqualTo(box.y());
            assertThat(inner.right()).as("%s in %s", inner, box).isLessThanOrEqualTo(box.right());
            assertThat(inner.bottom()).as("%s in %s", inner, box).isLessThanOrEqualTo(box.bottom());
            for (Box other : box.boxes().subList(0, box.boxes().indexOf(inner))) {
                assertThat(inner.right() <= other.x()
                                || other.right() <= inner.x()
                                || inner.bottom() <= other.y()
                                || other.bottom() <= inner.y())
                        .as("%s and %s", inner, other)
                        .isTrue();
            }
            inOrder(inner, cpus);
        }
    }
}
