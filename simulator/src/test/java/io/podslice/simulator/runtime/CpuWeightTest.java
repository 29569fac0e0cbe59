package io.podslice.simulator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuWeightTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "2, 1",
        "51, 11",
        "102, 17",
        "256, 35",
        "512, 59",
        "1024, 100",
        "2048, 174",
        "4096, 303",
        "8192, 532",
        "65536, 3023",
        "131072, 5478",
        "262144, 10000",
        "300000, 10000"
    })
    void sharesBecomeTheWeightThatNewRuntimesWrite(long shares, long weight) {
        assertThat(CpuWeight.ofShares(shares)).isEqualTo(weight);
    }
}
