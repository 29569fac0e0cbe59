package io.podslice.managers.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManagerOptions.Maturity;
import io.podslice.managers.cpu.CpuManagerOptions.Option;
import io.podslice.managers.topology.TopologyOptions;
import io.podslice.managers.topology.TopologyPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options are read, and refused, as the kubelet does it. */
class CpuManagerOptionsTest {

    @Test
    void an_option_is_on_if_its_value_is_true_in_any_of_gos_spellings() {
        assertThat(CpuManagerOptions.of(Map.of("full-pcpus-only", "T", "strict-cpu-reservation", "0")))
                .isEqualTo(new CpuManagerOptions(Set.of(Option.FULL_PCPUS_ONLY)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            full-pcpu-only=true | unknown CPU Manager Policy option: "full-pcpu-only"
            full-pcpus-only=yes | bad value for option "full-pcpus-only": strconv.ParseBool: parsing "yes": invalid syntax
            full-pcpus-only=true,distribute-cpus-across-cores=true | static policy options full-pcpus-only and distribute-cpus-across-cores can not be used at the same time
            distribute-cpus-across-numa=true,distribute-cpus-across-cores=true | static policy options distribute-cpus-across-numa and distribute-cpus-across-cores can not be used at the same time
            prefer-align-cpus-by-uncorecache=true,distribute-cpus-across-cores=true | static policy options prefer-align-cpus-by-uncorecache and distribute-cpus-across-cores can not be used at the same time
            prefer-align-cpus-by-uncorecache=true,distribute-cpus-across-numa=true | static policy options prefer-align-cpus-by-uncorecache and distribute-cpus-across-numa can not be used at the same time
            """)
    void what_makes_no_sense_is_refused_in_the_kubelets_words(String options, String message) {
        assertThatThrownBy(() -> CpuManagerOptions.of(values(options))).hasMessage(message);
    }

    @Test
    void options_off_exclude_nothing() {
        Map<String, String> options = values("full-pcpus-only=true,distribute-cpus-across-cores=false");
        assertThat(CpuManagerOptions.of(options).on()).containsExactly(Option.FULL_PCPUS_ONLY);
    }

    @Test
    void an_option_behind_a_gate_needs_the_gate() {
        Map<String, String> options = Map.of("align-by-socket", "true");
        assertThatThrownBy(() -> CpuManagerOptions.of(options, Set.of(Maturity.STABLE, Maturity.BETA)))
                .hasMessage(
                        "CPU Manager Policy Alpha-level Options not enabled, but option \"align-by-socket\" provided");
        assertThat(CpuManagerOptions.of(options).on()).containsExactly(Option.ALIGN_BY_SOCKET);
    }

    @Test
    void aligning_by_socket_needs_sockets_of_whole_numa_nodes_and_a_policy_that_can_use_them() {
        CpuManagerOptions options = new CpuManagerOptions(Set.of(Option.ALIGN_BY_SOCKET));
        CpuTopology usual = CpuTopology.of(Machine.regular(2, 2, 2, 1, 1));
        CpuTopology manySockets = CpuTopology.of(List.of(new Cpu(0, 0, 0, 0, 0), new Cpu(1, 1, 1, 0, 1)));
        assertThatCode(() -> options.check(usual, TopologyPolicy.RESTRICTED)).doesNotThrowAnyException();
        assertThatThrownBy(() -> options.check(usual, TopologyPolicy.SINGLE_NUMA_NODE))
                .hasMessage("Topolgy manager single-numa-node policy is incompatible with CPUManager align-by-socket"
                        + " policy option");
        assertThatThrownBy(() -> options.check(manySockets, TopologyPolicy.RESTRICTED))
                .hasMessage("Align by socket is not compatible with hardware where number of sockets are more than"
                        + " number of NUMA");
        assertThatCode(() -> CpuManagerOptions.NONE.check(manySockets, TopologyPolicy.SINGLE_NUMA_NODE))
                .doesNotThrowAnyException();
    }

    @Test
    void the_topology_managers_options_are_read_the_same_way() {
        assertThat(TopologyOptions.of(values("prefer-closest-numa-nodes=true,max-allowable-numa-nodes=16")))
                .isEqualTo(new TopologyOptions(true));
        assertThat(TopologyOptions.of(values("max-allowable-numa-nodes=8"))).isEqualTo(TopologyOptions.NONE);
        assertThatThrownBy(() -> TopologyOptions.of(values("max-allowable-numa-nodes=7")))
                .hasMessage("the minimum value of \"max-allowable-numa-nodes\" should not be less than 8");
        assertThatThrownBy(() -> TopologyOptions.of(values("max-allowable-numa-nodes=many")))
                .hasMessageContaining("bad value for option \"max-allowable-numa-nodes\"");
        assertThatThrownBy(() -> TopologyOptions.of(values("closest=true")))
                .hasMessage("unknown Topology Manager Policy option: \"closest\"");
    }

    private static Map<String, String> values(String options) {
        Map<String, String> values = new TreeMap<>();
        for (String option : options.split(",", -1)) {
            int equals = option.indexOf('=');
            values.put(option.substring(0, equals), option.substring(equals + 1));
        }
        return values;
    }
}
