package io.podslice.managers.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases after apimachinery's quantity_test.go. */
final class QuantityTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "0Mi, 0, 0",
        "00, 0, 0",
        "1, 1, 1000",
        "+1, 1, 1000",
        "500m, 1, 500",
        "0.5, 1, 500",
        ".5, 1, 500",
        "1., 1, 1000",
        "1.5, 2, 1500",
        "1e3, 1000, 1000000",
        "1E3, 1000, 1000000",
        "1.2e3, 1200, 1200000",
        "1.3E+6, 1300000, 1300000000",
        "1E-3, 1, 1",
        "0.5e-2, 1, 5",
        "5n, 1, 1",
        "4u, 1, 1",
        "1500u, 1, 2",
        "8k, 8000, 8000000",
        "100.035k, 100035, 100035000",
        "7M, 7000000, 7000000000",
        "4G, 4000000000, 4000000000000",
        "1.G, 1000000000, 1000000000000",
        "5T, 5000000000000, 5000000000000000",
        "2P, 2000000000000000, 2000000000000000000",
        "1E, 1000000000000000000, 9223372036854775807",
        "1Ki, 1024, 1024000",
        "200Mi, 209715200, 209715200000",
        "0.5Mi, 524288, 524288000",
        "0.05Gi, 53687092, 53687091200",
        "100.035Ki, 102436, 102435840",
        "6Gi, 6442450944, 6442450944000",
        "5Ti, 5497558138880, 5497558138880000",
        "3Ei, 3458764513820540928, 9223372036854775807",
        "0.0000000001, 1, 1",
        "0.000000000001Ki, 1, 1",
        "9Ei, 9223372036854775807, 9223372036854775807",
        "9223372036854775807Ki, 9223372036854775807, 9223372036854775807",
        "12E, 9223372036854775807, 9223372036854775807",
        "1e2147483647, 9223372036854775807, 9223372036854775807",
        "1e-2147483647, 1, 1",
        "99999999999999999999999999, 9223372036854775807, 9223372036854775807",
        "-1, -1, -1000",
        "-500m, -1, -500",
        // Upstream reads a bare sign or point as zero.
        "-, 0, 0",
        "., 0, 0",
    })
    void roundsUpToUnitsAndThousandths(String text, long value, long milliValue) {
        Quantity quantity = Quantity.parse(text);

        assertThat(quantity.value()).isEqualTo(value);
        assertThat(quantity.milliValue()).isEqualTo(milliValue);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.M",
                "1+1.0M",
                "0.1mi",
                "0.1am",
                "aoeu",
                ".5i",
                "1i",
                "-3.01i",
                "-3.01e-",
                "1e",
                "1ee3",
                " 1",
                "1 ",
                "1e4294967297",
                "1e2147483648",
                "1e-2147483648",
                "1e9223372036854775808",
                "1KI",
                "1 Gi",
                "1Gb",
                "0x10",
                "1_000",
                "१",
                "--1",
                "NaN",
                "1e3m"
            })
    void refusesWhatIsNoQuantity(String text) {
        assertThatThrownBy(() -> Quantity.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "quantities must match the regular expression .*|unable to parse quantity's suffix");
    }

    @Test
    void refusesTheEmptyText() {
        assertThatThrownBy(() -> Quantity.parse("")).hasMessageContaining("quantities must match");
    }

    @ParameterizedTest
    @CsvSource({
        "1Gi, 1Gi",
        "1024Mi, 1Gi",
        "1025024Mi, 1001Gi",
        "5, 5",
        "1023Ki, 1023Ki",
        "2000, 2k",
        "1000M, 1G",
        "0.5, 500m",
        "1.08, 1080m",
        "1080000000n, 1080m",
        "1000u, 1m",
        "0.001T, 1G",
        "1234567M, 1234567M",
        ".001Ki, 1024m",
        ".000000000001Ki, 2n",
        "0.5Ki, 512",
        "1000e-12, 1e-9",
        ".001e12, 1e9",
        "300e6, 300e6",
        "1000E, 1e21",
        "00, 0",
        "-1.5, -1500m",
        "-2Ki, -2Ki",
        "9Ei, 9223372036854775807",
    })
    void printsCanonically(String text, String canonical) {
        assertThat(Quantity.parse(text)).hasToString(canonical);
        assertThat(Quantity.parse(canonical)).isEqualTo(Quantity.parse(text));
    }

    @Test
    void comparesByAmount() {
        assertThat(Quantity.parse("1Ki")).isEqualTo(Quantity.parse("1024")).hasSameHashCodeAs(Quantity.parse("1024"));
        assertThat(Quantity.parse("10000T")).isGreaterThan(Quantity.parse("100Gi"));
        assertThat(Quantity.parse("50m")).isLessThan(Quantity.parse("100m"));
        assertThat(Quantity.parse("0")).isEqualTo(Quantity.parse("0Mi")).hasSameHashCodeAs(Quantity.parse("0Mi"));
    }

    @Test
    void addsUpExactlyAndKeepsTheFirstSuffix() {
        assertThat(Quantity.parse("1Gi").plus(Quantity.parse("512Mi"))).hasToString("1536Mi");
        assertThat(Quantity.ZERO.plus(Quantity.parse("1Gi"))).hasToString("1Gi");
        assertThat(Quantity.parse("0.4m").plus(Quantity.parse("0.4m")).milliValue())
                .isEqualTo(1);
    }

    @Test
    void isRoundedUpToAThousandthAsTheApiServerDoes() {
        assertThat(Quantity.parse("0.1m").roundedUpToMilli()).hasToString("1m");
        assertThat(Quantity.parse("1e-2147483647").roundedUpToMilli()).hasToString("1e-3");
    }

    @Test
    void whatNoLongHoldsIsTheLargestOrTheSmallest() {
        assertThat(Quantity.parse("9223372036854775807").value()).isEqualTo(Long.MAX_VALUE);
        assertThat(Quantity.parse("9500P").value()).isEqualTo(Long.MAX_VALUE);
        assertThat(Quantity.parse("-9500P").value()).isEqualTo(Long.MIN_VALUE);
        assertThat(Quantity.parse("10E").milliValue()).isEqualTo(Long.MAX_VALUE);
        assertThat(Quantity.parse("-10E").milliValue()).isEqualTo(Long.MIN_VALUE);
        assertThat(Quantity.parse("9P").milliValue()).isEqualTo(9_000_000_000_000_000_000L);
    }

    @Test
    void differentAmountsHaveDifferentHashesMostly() {
        assertThat(Quantity.parse("1").hashCode())
                .isNotEqualTo(Quantity.parse("2").hashCode());
        assertThat(ResourceList.of("1", "1Gi"))
                .hasSameHashCodeAs(ResourceList.of("1000m", "1024Mi"))
                .doesNotHaveSameHashCodeAs(ResourceList.of("2", "1Gi"));
    }

    @Test
    void printsTheLargestBinarySuffixThatThereIs() {
        assertThat(Quantity.ofBytes(7L << 60)).hasToString("7Ei");
        assertThat(Quantity.ofBytes(1024)).hasToString("1Ki");
        assertThat(Quantity.ofBytes(1023)).hasToString("1023");
    }

    @Test
    void aPageHasASizeOfWholeKibibytes() {
        assertThat(new ResourceName("hugepages-1Ki").pageSize()).hasValue(1024);
        assertThat(new ResourceName("hugepages-0").pageSize()).isEmpty();
        assertThat(new ResourceName("hugepages-1000").pageSize()).isEmpty();
        assertThat(new ResourceName("memory").pageSize()).isEmpty();
    }

    @Test
    void knowsWholeNumbers() {
        assertThat(Quantity.parse("2000m").isWhole()).isTrue();
        assertThat(Quantity.parse("2e0").isWhole()).isTrue();
        assertThat(Quantity.parse("0").isWhole()).isTrue();
        assertThat(Quantity.parse("1999m").isWhole()).isFalse();
    }

    @Test
    void aQuantityHasAtMost64Characters() {
        assertThat(Quantity.parse("0".repeat(62) + "1m")).isEqualTo(Quantity.parse("1m"));
        assertThatThrownBy(() -> Quantity.parse("9".repeat(250_000)))
                .hasMessage("quantities have at most 64 characters, not 250000");
    }

    @Test
    void anAmountFitsAnInt64InThousandths() {
        assertThat(ResourceName.MEMORY.amount("8Pi").value()).isEqualTo(8L << 50);
        assertThat(ResourceName.CPU.amount("9223372036854775").milliValue()).isEqualTo(9_223_372_036_854_775_000L);
        assertThatThrownBy(() -> ResourceName.CPU.amount("9223372036854776")).hasMessageContaining("must be at most");
        assertThatThrownBy(() -> ResourceName.CPU.amount("-1e2147483647")).hasMessageContaining("must be at most");
        assertThatThrownBy(() -> ResourceName.MEMORY.amount("9Ei")).hasMessageContaining("must be at most");
    }

    @Test
    void aQuotaThatAPeerMadeUpDoesNotOverflow() {
        assertThat(CpuUnits.milliOfQuota(Long.MAX_VALUE, 1)).isPositive();
        assertThat(CpuUnits.milliOfQuota(Long.MAX_VALUE, 100_000)).isEqualTo(92_233_720_368_547_000L);
    }
}
