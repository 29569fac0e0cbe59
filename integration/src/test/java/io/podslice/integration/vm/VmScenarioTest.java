package io.podslice.integration.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Runs the scenarios, each in a VM, and makes a test of each of their findings. */
@Tag("vm")
class VmScenarioTest {
    private static final Path OUT = Path.of("target/vm");

    @TestFactory
    List<DynamicNode> everyCheckOfEveryScenarioHolds() throws IOException, InterruptedException {
        return run("busybox", "1", "2", "3", "4", "5", "6", "8");
    }

    private static List<DynamicNode> run(String init, String... numbers) throws IOException, InterruptedException {
        Path out = init.equals("busybox") ? OUT : OUT.resolve(init);
        List<String> command = new ArrayList<>(List.of("vm/scenario", "--out", out.toString(), "--init", init));
        for (String number : numbers) {
            Files.deleteIfExists(findings(out, number));
            command.add(number);
        }
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();

        List<DynamicNode> scenarios = new ArrayList<>();
        for (String number : numbers) {
            scenarios.add(dynamicContainer("scenario " + number, FindingTests.of(findings(out, number))));
        }
        // A scenario that breaks off ends with another status than 0, whatever its findings until then.
        scenarios.add(dynamicTest(
                "the scenarios came to their ends", () -> assertThat(status).isZero()));
        return scenarios;
    }

    private static Path findings(Path out, String number) {
        return out.resolve("scenario" + number).resolve("findings.jsonl");
    }
}
