package io.podslice.simulator.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One run of the VM: Linux answers every script as recorded, and the recorded answers are those of the simulated
 * kernel.
 */
@Tag("vm")
class KernelComparisonTest {

    @Test
    void linuxAnswersAsTheSimulatedKernelDoes() throws IOException, InterruptedException {
        Path out = Path.of("target/vm/kernel-comparison").toAbsolutePath();
        Files.createDirectories(out);
        Process vm = new ProcessBuilder(
                        "../integration/vm/vm",
                        "run",
                        "--no-containerd",
                        "--script",
                        CgroupScripts.FOLDER.resolve("record.sh").toString(),
                        "--payload",
                        CgroupScripts.FOLDER.toString(),
                        "--out",
                        out.toString())
                .inheritIO()
                .start();
        assertThat(vm.waitFor()).as("exit status of the VM, see %s", out).isZero();
        SoftAssertions softly = new SoftAssertions();
        for (String name : CgroupScripts.names()) {
            String linux = Files.readString(out.resolve(name + ".transcript"));
            softly.assertThat(linux).as("on record of %s", name).isEqualTo(CgroupScripts.recorded(name));
            softly.assertThat(CgroupScripts.simulated(name))
                    .as("simulated %s", name)
                    .isEqualTo(linux);
        }
        softly.assertAll();
    }
}
