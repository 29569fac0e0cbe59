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
 * Runs scenarios in VMs, two VMs at a time, and makes a test of each of their findings. Emulated, a scenario takes minutes. Those
 * whose writes systemd could undo run with systemd, 1 and 3 on 252, whose answers and rewrites differ most, 4 and 5 on 257, 1 on
 * 262; of these 3 and 5 with partitions. What is decided by file, the kubelet's numbers (6) and random lives with partitions (8), runs
 * with cgroupfs. With {@code -Dpodslice.long=true} all of them run on all, with 2, whose decisions need no kernel, 7, the storm, 9,
 * README's account, 10, the package's upgrade under calls that keep an emulated machine busy, and 11, which runs a command for each
 * of its faults.
 */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VmScenarioTest {
    private static final Path OUT = Path.of("target/vm");

    /**
     * Scenarios that are run one after the other.
     *
     * @param init the first process of their VMs, as {@code scenario --init} names it
     */
    private record Job(String init, List<String> numbers) {
        Path out() {
            return OUT.resolve(init).resolve(String.join("-", numbers));
        }

        Path out(String number) {
            return out().resolve("scenario" + number);
        }

        /** Returns how the first scenario ended that did not end well. */
        String firstFailure() throws IOException {
            for (String number : numbers) {
                Path status = out(number).resolve("status");
                if (!Files.exists(status) || !Files.readString(status).strip().equals("0")) {
                    return ScenarioOutput.endOf(out(number));
                }
            }
            return "each scenario ended well, but not their VM";
        }

        /** Returns the exit status of {@code scenario}, 0 if each check holds. */
        int run() throws IOException, InterruptedException {
            for (String number : numbers) {
                Files.deleteIfExists(out(number).resolve("findings.jsonl"));
                Files.deleteIfExists(out(number).resolve("status"));
            }
            List<String> command = new ArrayList<>(List.of("vm/scenario", "--out", out().toString(), "--init", init));
            command.addAll(numbers);
            ProcessBuilder scenario = new ProcessBuilder(command).inheritIO();
            scenario.environment().put("PODSLICE_LIVES", LONG ? "1000" : "40");
            return scenario.start().waitFor();
        }
    }

    private static final boolean LONG = Boolean.getBoolean("podslice.long");

    /** The longest first, so that two VMs at a time take about half as long as all. */
    private static final List<Job> JOBS = LONG
            ? List.of(
                    new Job("systemd-257", List.of("1", "3", "4", "5", "9", "10")),
                    new Job("systemd-262", List.of("1", "3", "4", "5", "10", "11")),
                    new Job("systemd-252", List.of("1", "3", "4", "5", "9", "10", "11")),
                    new Job("systemd-262", List.of("7")),
                    new Job("busybox", List.of("8")),
                    new Job("busybox", List.of("1", "3", "4", "5", "6")),
                    new Job("busybox", List.of("2")))
            : List.of(
                    new Job("systemd-252", List.of("1", "3")),
                    new Job("systemd-257", List.of("4", "5")),
                    new Job("busybox", List.of("8")),
                    new Job("systemd-262", List.of("1")),
                    new Job("busybox", List.of("6")));

    /** Emulated, a node keeps one CPU busy. */
    private final ExecutorService vms = Executors.newFixedThreadPool(2);

    private final Map<Job, Future<Integer>> statuses = new LinkedHashMap<>();

    @BeforeAll
    void start() {
        for (Job job : JOBS) {
            statuses.put(job, vms.submit(job::run));
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
    List<DynamicNode> everyCheckHoldsWithSystemd252() throws Exception {
        return tests("systemd-252");
    }

    @TestFactory
    List<DynamicNode> everyCheckHoldsWithSystemd257() throws Exception {
        return tests("systemd-257");
    }

    @TestFactory
    List<DynamicNode> everyCheckHoldsWithSystemd262() throws Exception {
        return tests("systemd-262");
    }

    private List<DynamicNode> tests(String init) throws Exception {
        List<DynamicNode> scenarios = new ArrayList<>();
        for (Job job : JOBS) {
            if (job.init().equals(init)) {
                int status = requireNonNull(statuses.get(job)).get();
                for (String number : job.numbers()) {
                    scenarios.add(dynamicContainer("scenario " + number, FindingTests.of(job.out(number))));
                }
                // A scenario that breaks off ends with another status than 0, whatever its findings until then.
                scenarios.add(dynamicTest(
                        "scenarios " + job.numbers() + " came to their ends",
                        () -> assertThat(status).as(job.firstFailure()).isZero()));
            }
        }
        return scenarios;
    }
}
