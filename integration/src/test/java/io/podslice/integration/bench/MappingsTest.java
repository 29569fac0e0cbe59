package io.podslice.integration.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MappingsTest {

    @Test
    void mappingsAreSummedByKindAndTheLargestComesFirst() {
        String smaps = """
                fc000000-fd000000 rw-p 00000000 00:00 0
                Size:              16384 kB
                Rss:                1024 kB
                800000000-800d00000 rw-p 00001000 08:01 77                     /opt/podslice/lib/podslice.aot
                Rss:               20480 kB
                7f0000000000-7f0000400000 rwxp 00000000 00:00 0
                Rss:                2048 kB
                7f0010000000-7f0010400000 rw-p 00000000 00:00 0
                Rss:                 512 kB
                7f0020000000-7f0020400000 rw-p 00000000 00:00 0
                Rss:                 512 kB
                7f0030000000-7f0031400000 r-xp 00000000 08:01 78               /opt/jdk/lib/server/libjvm.so
                Rss:               10240 kB
                7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                [stack]
                Rss:                 256 kB
                """;

        assertThat(Mappings.mebibytes(smaps))
                .containsExactly(
                        entry("ahead-of-time cache", 20.0),
                        entry("libjvm", 10.0),
                        entry("compiled code", 2.0),
                        entry("Java heap", 1.0),
                        entry("stacks, classes, other arenas", 1.0),
                        entry("other", 0.25));
    }

    @Test
    void theSumIsWhatTheKernelCallsResident() throws IOException {
        double sum = Mappings.mebibytes(Files.readString(Path.of("/proc/self/smaps"))).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        double resident = Files.readString(Path.of("/proc/self/status"))
                        .lines()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow()
                / 1024.0;

        assertThat(sum).isCloseTo(resident, within(resident / 4));
    }
}
