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

/** A scenario's findings as tests. */
final class FindingTests {
    private FindingTests() {}

    /** Returns a test for each finding of a scenario's folder, and one that fails where there is none. */
    static List<DynamicTest> of(Path scenario) throws IOException {
        Path findings = scenario.resolve("findings.jsonl");
        List<String> lines = Files.exists(findings) ? Files.readAllLines(findings) : List.of();
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(dynamicTest(
                "it found something",
                () -> assertThat(lines).as(ScenarioOutput.endOf(scenario)).isNotEmpty()));
        for (String line : lines) {
            Struct finding = parse(line);
            tests.add(dynamicTest(
                    text(finding, "check"),
                    () -> assertThat(finding.getFieldsOrThrow("holds").getBoolValue())
                            .as("%s: %s", text(finding, "check"), text(finding, "seen"))
                            .isTrue()));
        }
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
