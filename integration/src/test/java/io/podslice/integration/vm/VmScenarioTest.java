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
    private static final List<String> NUMBERS = List.of("1", "2", "3", "4", "5", "6", "8");
    private static final Path OUT = Path.of("target/vm");

    @TestFactory
    List<DynamicNode> everyCheckOfEveryScenarioHolds() throws IOException, InterruptedException {
        for (String number : NUMBERS) {
            Files.deleteIfExists(findings(number));
        }
        List<String> command = new ArrayList<>(List.of("vm/scenario", "--out", OUT.toString()));
        command.addAll(NUMBERS);
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();

        List<DynamicNode> scenarios = new ArrayList<>();
        for (String number : NUMBERS) {
            scenarios.add(dynamicContainer("scenario " + number, FindingTests.of(findings(number))));
        }
        // A scenario that breaks off ends with another status than 0, whatever its findings until then.
        scenarios.add(dynamicTest(
                "the scenarios came to their ends", () -> assertThat(status).isZero()));
        return scenarios;
    }

    private static Path findings(String number) {
        return OUT.resolve("scenario" + number).resolve("findings.jsonl");
    }
}
