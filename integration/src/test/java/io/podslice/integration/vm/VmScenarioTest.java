package io.podslice.integration.vm;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * Runs the scenarios in VMs, and makes a test of each of their findings. With systemd, scenarios 1, 3, 4 and 5 are those whose
 * writes systemd could undo; what 2 and 6 look at is decided before a cgroup is written, what 8 does is done by file, and what
 * 9 installs does not depend on the version.
 */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VmScenarioTest {
    private static final Path OUT = Path.of("target/vm");

    /** The scenarios for each process 1. */
    private static final Map<String, List<String>> SCENARIOS = Map.of(
            "busybox", List.of("1", "3", "4", "5", "6", "2", "8"),
            "systemd-257", List.of("1", "3", "4", "5", "9"),
            "systemd-262", List.of("1", "3", "4", "5"));

    /** Emulated, a node keeps little more than one CPU busy. */
    private final ExecutorService vms = Executors.newFixedThreadPool(2);

    private final Map<String, Future<Integer>> statuses = new LinkedHashMap<>();

    @BeforeAll
    void start() {
        for (String init : List.of("systemd-257", "busybox", "systemd-262")) {
            statuses.put(init, vms.submit(() -> run(init)));
        }
    }

    @AfterAll
    void end() {
        vms.shutdownNow();
    }

    @TestFactory
    List<DynamicNode> everyCheckHoldsWithCgroupfs() throws Exception {
        return tests("busybox");
    }

    @TestFactory
    List<DynamicNode> everyCheckHoldsWithSystemd257() throws Exception {
        return tests("systemd-257");
    }

    @TestFactory
    List<DynamicNode> everyCheckHoldsWithSystemd262() throws Exception {
        return tests("systemd-262");
    }

    private static List<String> numbers(String init) {
        return requireNonNull(SCENARIOS.get(init));
    }

    /** Runs the scenarios: with cgroupfs each in a VM of its own, since its VM starts in no time. */
    private static int run(String init) throws IOException, InterruptedException {
        for (String number : numbers(init)) {
            Files.deleteIfExists(findings(init, number));
        }
        if (!init.equals("busybox")) {
            return run(init, numbers(init));
        }
        int worst = 0;
        for (String number : numbers(init)) {
            worst = Math.max(worst, run(init, List.of(number)));
        }
        return worst;
    }

    private static int run(String init, List<String> numbers) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("vm/scenario", "--out", OUT.resolve(init).toString(), "--init", init));
        command.addAll(numbers);
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private List<DynamicNode> tests(String init) throws Exception {
        int status = requireNonNull(statuses.get(init)).get();
        List<DynamicNode> scenarios = new ArrayList<>();
        for (String number : numbers(init)) {
            scenarios.add(dynamicContainer("scenario " + number, FindingTests.of(findings(init, number))));
        }
        // A scenario that breaks off ends with another status than 0, whatever its findings until then.
        scenarios.add(dynamicTest(
                "the scenarios came to their ends", () -> assertThat(status).isZero()));
        return scenarios;
    }

    private static Path findings(String init, String number) {
        return OUT.resolve(init).resolve("scenario" + number).resolve("findings.jsonl");
    }
}
