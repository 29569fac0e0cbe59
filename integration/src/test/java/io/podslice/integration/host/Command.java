package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a program without input to its end, and checks how it ends. */
public final class Command {
    private Command() {}

    /**
     * Returns what the program prints; its errors go where the test's own go.
     *
     * @throws AssertionError if it does not end with status 0
     */
    public static String output(List<String> line) throws IOException, InterruptedException {
        return run(new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT), 0);
    }

    /**
     * Returns what the program prints, its errors too.
     *
     * @throws AssertionError if it does not end with that status; the message has what it printed
     */
    public static String outputWithErrors(int status, List<String> line) throws IOException, InterruptedException {
        return run(new ProcessBuilder(line).redirectErrorStream(true), status);
    }

    private static String run(ProcessBuilder program, int status) throws IOException, InterruptedException {
        Process process = program.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", program.command()) + "\n" + output)
                .isEqualTo(status);
        return output;
    }
}
