package io.podslice.simulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CgroupScriptTest {

    static List<String> names() {
        return CgroupScripts.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theSimulatedKernelAnswersAsLinuxDid(String name) throws IOException {
        assertThat(CgroupScripts.simulated(name)).isEqualTo(CgroupScripts.recorded(name));
    }
}
