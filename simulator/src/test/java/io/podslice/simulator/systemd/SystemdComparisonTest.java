package io.podslice.simulator.systemd;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** One run of the VM for each version, two at a time: systemd answers every script as recorded. */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SystemdComparisonTest {
    private static final List<Integer> VERSIONS = List.of(252, 257, 262);

    /** Emulated, a node keeps little more than one CPU busy. */
    private final ExecutorService vms = Executors.newFixedThreadPool(2);

    private final Map<Integer, Future<Integer>> statuses = new LinkedHashMap<>();

    @BeforeAll
    void start() {
        for (int version : VERSIONS) {
            statuses.put(version, vms.submit(() -> run(version)));
        }
    }

    @AfterAll
    void end() {
        vms.shutdownNow();
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void systemdAnswersAsRecorded(int version) throws Exception {
        int status = requireNonNull(statuses.get(version)).get();
        Path out = out(version);
        assertThat(status).as("exit status of the VM, see %s", out).isZero();
        SoftAssertions softly = new SoftAssertions();
        for (String name : SystemdScripts.names()) {
            softly.assertThat(Files.readString(out.resolve(name + ".transcript")))
                    .as("%s by systemd %s", name, version)
                    .isEqualTo(SystemdScripts.recorded(name, version));
        }
        softly.assertAll();
    }

    private static int run(int version) throws IOException, InterruptedException {
        Path out = out(version);
        Files.createDirectories(out);
        Process vm = new ProcessBuilder(
                        "../integration/vm/vm",
                        "run",
                        "--no-containerd",
                        "--init",
                        "systemd-" + version,
                        "--append",
                        "hugepagesz=2M hugepages=4",
                        "--script",
                        SystemdScripts.FOLDER.resolve("record.sh").toString(),
                        "--payload",
                        SystemdScripts.FOLDER.toString(),
                        "--out",
                        out.toString())
                .inheritIO()
                .start();
        return vm.waitFor();
    }

    private static Path out(int version) {
        return Path.of("target/vm/systemd-" + version).toAbsolutePath();
    }
}
