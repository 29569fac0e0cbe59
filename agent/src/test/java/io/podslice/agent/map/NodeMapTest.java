package io.podslice.agent.map;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NodeMapTest {
    private static MappedPod pod(String name, String cpus) {
        return new MappedPod(
                name,
                "1",
                "1Gi",
                "annotation",
                "",
                CpuSet.parse(cpus),
                CpuSet.empty(),
                CpuSet.of(0),
                List.of(),
                List.of());
    }

    private static NodeMap map(MappedPod... pods) {
        return new NodeMap(
                "", Machine.regular(1, 1, 8, 1, 1L << 30), CpuSet.empty(), CpuSet.of(7), List.of(pods), List.of());
    }

    private static Stream<String> owners(NodeMap map) {
        return map.owners().stream().map(MappedPod::name);
    }

    @Test
    void pods_keep_their_letters_beside_new_ones_and_without_those_that_have_gone() {
        NodeMap before = map(pod("b", "0"), pod("shares", ""), pod("c", "1"), pod("gone", "2"), pod("d", "3"));
        NodeMap after =
                map(pod("a", "4"), pod("b", "0"), pod("bb", "5"), pod("c", "1"), pod("d", "3"), pod("shares", ""));

        assertThat(owners(after.lettered(before))).containsExactly("b", "c", "d", "a", "bb");
        assertThat(owners(after.lettered(map()))).containsExactly("a", "b", "bb", "c", "d");
    }
}
