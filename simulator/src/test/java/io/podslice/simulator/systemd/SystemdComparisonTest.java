package io.podslice.simulator.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One run of the VM for each version: systemd answers every script as recorded. */
@Tag("vm")
class SystemdComparisonTest {

    @ParameterizedTest
    @ValueSource(ints = {252, 257, 262})
    void systemdAnswersAsRecorded(int version) throws IOException, InterruptedException {
        Path out = Path.of("target/vm/systemd-" + version).toAbsolutePath();
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
        assertThat(vm.waitFor()).as("exit status of the VM, see %s", out).isZero();
        SoftAssertions softly = new SoftAssertions();
        for (String name : SystemdScripts.names()) {
            softly.assertThat(Files.readString(out.resolve(name + ".transcript")))
                    .as("%s by systemd %s", name, version)
                    .isEqualTo(SystemdScripts.recorded(name, version));
        }
        softly.assertAll();
    }
}
