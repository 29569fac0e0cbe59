package io.podslice.integration.vm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The logs in a scenario's folder, for a reader who has no more than the test's message. */
final class ScenarioOutput {
    private static final int LINES = 25;
    private static final List<String> LOGS = List.of("console.log", "podslice.log", "output.log");

    private ScenarioOutput() {}

    /** Returns the last lines of a scenario's logs, and its status if it came to its end. */
    static String endOf(Path scenario) throws IOException {
        StringBuilder text = new StringBuilder(scenario.toString()).append(": ");
        Path status = scenario.resolve("status");
        text.append(Files.exists(status) ? "status " + Files.readString(status).strip() : "did not come to its end");
        for (String log : LOGS) {
            Path file = scenario.resolve(log);
            if (Files.exists(file)) {
                text.append("\n--- the end of ").append(log).append('\n').append(lastLines(file));
            }
        }
        return text.toString();
    }

    /** The logs have what programs in the VM have written, whatever its bytes. */
    private static String lastLines(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    }
}
