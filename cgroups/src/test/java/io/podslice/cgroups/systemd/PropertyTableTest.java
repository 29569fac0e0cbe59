package io.podslice.cgroups.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PropertyTableTest {

    private static List<String> properties(String file, String value, String present, int version) {
        return PropertyTable.of(file, value, present, version).stream()
                .map(UnitProperty::toString)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
                    cpuset.cpus,     '0-3,8',  AllowedCPUs=0-3;8
                    cpuset.mems,     '0',      AllowedMemoryNodes=0
                    cpu.weight,      '79',     CPUWeight=79
                    cpu.idle,        '1',      CPUWeight=0
                    memory.min,      '4096',   MemoryMin=4096
                    memory.low,      '0',      MemoryLow=0
                    memory.low,      'max',    MemoryLow=infinity
                    memory.high,     '1G',     MemoryHigh=1073741824
                    memory.max,      'max',    MemoryMax=infinity
                    memory.max,      '4096',   MemoryMax=4096
                    memory.swap.max, '0',      MemorySwapMax=0
                    memory.zswap.max, '0',     MemoryZSwapMax=0
                    pids.max,        '100',    TasksMax=100
                    pids.max,        'max',    TasksMax=infinity
                    """)
    void aFilesValueIsAProperty(String file, String value, String property) {
        assertThat(properties(file, value, "", 257)).containsExactly(property.replace(';', ','));
        assertThat(PropertyTable.has(file)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
                    cpuset.cpus, ''
                    cpuset.cpus, 'x'
                    cpuset.cpus.exclusive, '1'
                    cpuset.cpus.partition, 'root'
                    cpu.max.burst, '0'
                    cpu.weight, '0'
                    cpu.weight, '10001'
                    cpu.weight, 'heavy'
                    cpu.idle, '2'
                    cpu.max, '1 2 3'
                    cpu.max, '9223372036854775807 100000'
                    memory.max, '0'
                    memory.max, '-1'
                    memory.reclaim, '4096'
                    memory.oom.group, '1'
                    hugetlb.2MB.max, '0'
                    pids.max, '0'
                    cgroup.subtree_control, '+cpu'
                    """)
    void allElseGoesByFile(String file, String value) {
        assertThat(properties(file, value, "max 100000", 257)).isEmpty();
    }

    /** CPU time for each second, in whole per cents of a CPU on every version. */
    @ParameterizedTest
    @CsvSource({
        "252, 41700 100000, 420000, 100000",
        "256, 41000 100000, 410000, 100000",
        "257, 41700 100000, 420000, 100000",
        "262, 33333 100000, 340000, 100000",
        "262, 33333 70000, 480000, 70000",
        "257, 1000 1000000, 10000, 1000000",
        "257, 1000, 20000, 50000",
        "257, max, infinity, 50000",
        "252, max 100000, infinity, 100000",
        "257, 51200000 100000, 512000000, 100000"
    })
    void aQuotaIsRoundedUpAsByLibcontainer(int version, String value, String perSecond, String period) {
        assertThat(properties("cpu.max", value, "max 50000", version))
                .containsExactly("CPUQuotaPerSecUSec=" + perSecond, "CPUQuotaPeriodUSec=" + period);
    }

    @Test
    void anOldVersionHasFewerProperties() {
        assertThat(properties("cpu.max", "50000 100000", "max 100000", 241))
                .containsExactly("CPUQuotaPerSecUSec=500000");
        assertThat(properties("cpuset.cpus", "1", "", 243)).isEmpty();
        assertThat(properties("memory.min", "4096", "0", 239)).isEmpty();
        assertThat(properties("memory.zswap.max", "4096", "max", 252)).isEmpty();
        assertThat(properties("cpu.idle", "1", "0", 251)).isEmpty();
    }

    @Test
    void idleIsSaidOnlyWhereItChanges() {
        assertThat(properties("cpu.idle", "0", "0", 257)).isEmpty();
        assertThat(properties("cpu.idle", "1", "1", 257)).isEmpty();
        assertThat(properties("cpu.idle", "0", "1", 257)).containsExactly("CPUWeight=100");
    }
}
