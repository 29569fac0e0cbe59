package io.podslice.integration.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Runs a cluster of one node in a VM, and makes a test of each finding. */
@Tag("cluster")
class ClusterScenarioTest {
    private static final String ASSETS = "KUBEBUILDER_ASSETS";
    private static final Path OUT = Path.of("target/cluster");

    @TestFactory
    List<DynamicTest> everyCheckOfEveryRoundHolds() throws IOException, InterruptedException {
        String folder = System.getenv(ASSETS);
        if (folder == null || folder.isEmpty()) {
            String reason = ASSETS + " is not set, which names a folder with etcd, kube-apiserver and kubelet";
            return List.of(dynamicTest("the programs are there", () -> abort(reason)));
        }
        Files.deleteIfExists(OUT.resolve("findings.jsonl"));
        int status = new ProcessBuilder("vm/cluster", "--out", OUT.toString())
                .inheritIO()
                .start()
                .waitFor();

        List<DynamicTest> tests = new ArrayList<>(FindingTests.of(OUT));
        // A scenario that breaks off ends with another status than 0, whatever its findings until then.
        tests.add(dynamicTest(
                "the scenario came to its end",
                () -> assertThat(status).as(ScenarioOutput.endOf(OUT)).isZero()));
        return tests;
    }
}
