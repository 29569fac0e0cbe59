package io.podslice.shim.tap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcTimeoutTest {
    @ParameterizedTest
    @CsvSource({
        "2H, 7200000",
        "3M, 180000",
        "10S, 10000",
        "250m, 250",
        "1500u, 1",
        "999u, 1",
        "1n, 1",
        "5000000n, 5",
        "0m, 1",
        "99999999H, 359999996400000"
    })
    void readsEveryUnit(String header, long millis) {
        assertThat(GrpcTimeout.millis(header)).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "m", "10", "10s", "x0S", "1.5S", "-1S", "-1H", "+1S", "100000000m", "99999999999999999999S"})
    void whatIsNoTimeoutMeansForEver(String header) {
        assertThat(GrpcTimeout.millis(header)).isZero();
    }
}
