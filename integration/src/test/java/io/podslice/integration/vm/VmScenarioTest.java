package io.podslice.integration.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Boots the VM, runs scenarios in it, and makes a test of each thing that it found. */
@Tag("vm")
class VmScenarioTest {
    @TestFactory
    List<DynamicTest> podWithABudgetOnARealNode() throws IOException, InterruptedException {
        return scenario(1);
    }

    @TestFactory
    List<DynamicTest> wholeCoresOnFourNumaNodes() throws IOException, InterruptedException {
        return scenario(2);
    }

    private static List<DynamicTest> scenario(int number) throws IOException, InterruptedException {
        Path out = Path.of("target/vm-scenario" + number);
        Files.createDirectories(out);
        Path findings = out.resolve("findings.jsonl");
        Files.deleteIfExists(findings);
        int status = new ProcessBuilder("vm/scenario", Integer.toString(number), "--out", out.toString())
                .inheritIO()
                .start()
                .waitFor();

        List<DynamicTest> tests = new ArrayList<>();
        List<String> lines = Files.exists(findings) ? Files.readAllLines(findings) : List.of();
        for (String line : lines) {
            Struct finding = parse(line);
            tests.add(dynamicTest(
                    text(finding, "check"),
                    () -> assertThat(finding.getFieldsOrThrow("holds").getBoolValue())
                            .as("%s: %s", text(finding, "check"), text(finding, "seen"))
                            .isTrue()));
        }
        tests.add(dynamicTest("the scenario came to its end", () -> {
            assertThat(lines).isNotEmpty();
            // A scenario that breaks off ends with another status than 0, whatever it had found until then.
            assertThat(status).isZero();
        }));
        return tests;
    }

    private static Struct parse(String line) throws InvalidProtocolBufferException {
        Struct.Builder finding = Struct.newBuilder();
        JsonFormat.parser().merge(line, finding);
        return finding.build();
    }

    private static String text(Struct finding, String field) {
        return finding.getFieldsOrThrow(field).getStringValue();
    }
}
