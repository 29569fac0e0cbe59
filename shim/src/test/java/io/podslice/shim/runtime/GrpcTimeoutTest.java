package io.podslice.shim.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
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

    @ParameterizedTest
    @CsvSource({
        "1, 1m",
        "99999999, 99999999m",
        "100000000, 100000S",
        "100000001, 100001S",
        "99999999000, 99999999S",
        "9223372036854775807, 99999999S"
    })
    void travelsInAtMostEightDigits(long millis, String header) {
        assertThat(GrpcTimeout.of(millis)).isEqualTo(header);
    }

    /** A runtime that gave up before its client would answer what the client did not ask. */
    @Test
    void isNeverShorterThanAsked() {
        new Random(1).longs(10_000, 1, 99_999_999_001L).forEach(millis -> {
            long travelled = GrpcTimeout.millis(GrpcTimeout.of(millis));
            assertThat(travelled).as("%d ms", millis).isBetween(millis, millis + 999);
        });
    }
}
