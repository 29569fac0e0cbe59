package io.podslice.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileFormatsTest {

    /** Returns a random number, as often with few digits as with many. */
    private static long number(SplittableRandom random, long least, long most) {
        long number = random.nextLong(least, most + 1) >> random.nextInt(Long.SIZE - Long.numberOfLeadingZeros(most));
        return Math.max(least, number);
    }

    @RepeatedTest(200)
    void cpuMaxReadsWhatItWrites(RepetitionInfo repetition) {
        SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
        long quota = number(random, CpuMax.MIN_MICROS, 1L << 44);
        long period = number(random, CpuMax.MIN_MICROS, CpuMax.MAX_PERIOD_MICROS);
        boolean limited = random.nextBoolean();
        CpuMax max = new CpuMax(limited ? quota : CpuMax.NO_QUOTA, period);
        assertThat(CpuMax.parse(max.toString())).isEqualTo(max);
        assertThat(max.isLimited()).isEqualTo(limited);
    }

    @Test
    void cpuMaxKeepsThePeriodThatTheCgroupHas() {
        assertThat(CpuMax.parse("max")).isEqualTo(CpuMax.UNLIMITED).hasToString("max 100000");
        assertThat(CpuMax.parse("50000", 20_000)).isEqualTo(new CpuMax(50_000, 20_000));
        assertThat(CpuMax.parse(" 50000  10000\n")).hasToString("50000 10000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "-1", "+5000", "999", "5000 999", "5000 1000001", "5000 100000 1", "max max", "1.5"})
    void cpuMaxRefusesWhatTheKernelWould(String text) {
        assertThatThrownBy(() -> CpuMax.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cpu.max");
    }

    @RepeatedTest(200)
    void byteLimitReadsWhatItWrites(RepetitionInfo repetition) {
        SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
        long bytes = repetition.getCurrentRepetition() == 1 ? Long.MAX_VALUE : number(random, 0, Long.MAX_VALUE - 1);
        assertThat(ByteLimit.parse(new ByteLimit(bytes).toString())).isEqualTo(new ByteLimit(bytes));
        long rounded = new ByteLimit(bytes).roundedDown(4096).bytes();
        assertThat(bytes == Long.MAX_VALUE ? 0 : bytes - rounded).isBetween(0L, 4095L);
    }

    @ParameterizedTest
    @CsvSource({
        "max, max",
        "4096, 4096",
        "1K, 1024",
        "2m, 2097152",
        "1G, 1073741824",
        "1T, 1099511627776",
        "9999999999T, max",
        " 7 , 7"
    })
    void byteLimitReadsTheKernelsSuffixes(String text, String value) {
        assertThat(ByteLimit.parse(text)).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "K", "-1", "+1", "1Gi", "1.5G", "Max", "0x10"})
    void byteLimitRefusesOthers(String text) {
        assertThatThrownBy(() -> ByteLimit.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"");
    }

    @Test
    void hugePageSizeReadsItsName() {
        for (int power = 0; power <= 24; power++) {
            HugePageSize size = new HugePageSize(1024L << power);
            assertThat(HugePageSize.parse(size.toString())).isEqualTo(size);
        }
    }

    @Test
    void hugePageSizesAreNamedAsTheControllerDoes() {
        assertThat(new HugePageSize(64 << 10).limitFile()).isEqualTo("hugetlb.64KB.max");
        assertThat(new HugePageSize(2 << 20).limitFile()).isEqualTo("hugetlb.2MB.max");
        assertThat(new HugePageSize(1L << 30).limitFile()).isEqualTo("hugetlb.1GB.max");
        assertThat(HugePageSize.parse("512MB")).isLessThan(HugePageSize.parse("1GB"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2M", "MB", "-2MB", "0KB", "2 MB", "9999999999999GB"})
    void hugePageSizeRefusesOthers(String name) {
        assertThatThrownBy(() -> HugePageSize.parse(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + name + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "41700 100000, 10000, 42000 100000",
        "41700 100000, 1, 41700 100000",
        "42000 100000, 10000, 42000 100000",
        "33333 70000, 10000, 33600 70000",
        "1000 1000000, 10000, 10000 1000000",
        "max 100000, 10000, max 100000",
        "9223372036854775807 100000, 10000, 9223372036854775807 100000"
    })
    void quotasAreRoundedUpToAMultipleASecond(String text, long step, String rounded) {
        assertThat(CpuMax.parse(text).roundedUp(step)).hasToString(rounded);
    }

    @ParameterizedTest
    @CsvSource({
        "42000 100000, 41700 100000, true",
        "41700 100000, 41700, true",
        "42000 100000, 42100, false",
        "41100 100000, 41700, false",
        "43000 100000, 41700, false"
    })
    void roundedQuotaIsTheSameWhereItIsRounded(String present, String value, boolean same) {
        assertThat(NormalForm.sameValue("cpu.max", present, value, 4096, 10_000))
                .isEqualTo(same);
        assertThat(NormalForm.sameValue("cpu.max", "42000 100000", "41700", 4096, 1))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "cpuset.cpus       | 0-3           | 0,1,2,3          | true",
                "cpuset.cpus       | 0-3           | 0-2              | false",
                "cpuset.mems       | ''            | ' '              | true",
                "cpu.max           | max 100000    | max              | true",
                "cpu.max           | max 50000     | max              | true",
                "cpu.max           | max 50000     | max 100000       | false",
                "cpu.max           | 50000 100000  | 50000            | true",
                "cpu.max           | 50000 100000  | nonsense         | false",
                "memory.max        | 1073741824    | 1G               | true",
                "memory.max        | 1073741824    | 1073745919       | true",
                "memory.max        | 1073741824    | 1073745920       | false",
                "memory.max        | max           | max              | true",
                "memory.max        | max           | 0                | false",
                "hugetlb.2MB.max   | 2097152       | 4194303          | true",
                "hugetlb.2MB.max   | 2097152       | 4194304          | false",
                "cpu.weight        | 100           | 100              | true",
                "cpu.weight        | 100           | 101              | false",
                "cpuset.cpus.partition | isolated invalid (x) | isolated | false",
            })
    void knowsWhichWritesChangeNothing(String file, String present, String value, boolean same) {
        assertThat(NormalForm.sameValue(file, present, value, 4096, 1)).isEqualTo(same);
    }
}
