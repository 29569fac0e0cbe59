package io.podslice.simulator.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SystemdScriptTest {

    static Stream<Arguments> runs() {
        return SystemdScripts.names().stream()
                .flatMap(name -> List.of(252, 257, 262).stream().map(version -> Arguments.of(name, version)));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void theSimulatedSystemdAnswersAsThatVersionDid(String name, int version) throws IOException {
        assertThat(SystemdScripts.simulated(name, version)).isEqualTo(SystemdScripts.recorded(name, version));
    }
}
