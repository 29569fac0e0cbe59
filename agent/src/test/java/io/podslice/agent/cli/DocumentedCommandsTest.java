package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The blocks of kind {@code console} in the documents show the output of their commands. With the system property
 * {@code podslice.docs.write} they are written anew instead.
 */
class DocumentedCommandsTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final String PROGRAM = "$ bin/podslice ";

    private int status;

    @ParameterizedTest
    @ValueSource(strings = {"docs/plan.md", "docs/map.md", "docs/replay.md", "README.md"})
    void showWhatTheCommandsPrint(String document) throws IOException {
        Path file = TOP.resolve(document);
        List<String> written = Files.readAllLines(file);
        List<String> run = new ArrayList<>();
        boolean inBlock = false;
        for (String line : written) {
            boolean isCommand = line.startsWith("$ ");
            if (!inBlock || line.equals("```") || isCommand) {
                run.add(line);
            }
            if (inBlock && isCommand) {
                run.addAll(output(line));
            }
            inBlock = inBlock ? !line.equals("```") : line.equals("```console");
        }
        if (Boolean.getBoolean("podslice.docs.write")) {
            Files.write(file, run);
        }
        assertThat(run).contains("```console").isEqualTo(Files.readAllLines(file));
    }

    private List<String> output(String command) {
        if (command.equals("$ echo $?")) {
            return List.of(Integer.toString(status));
        }
        assertThat(command).startsWith(PROGRAM);
        String[] args = command.substring(PROGRAM.length()).split(" ", -1);
        for (int i = 0; i < args.length; i++) {
            args[i] = args[i].startsWith("docs/") ? TOP.resolve(args[i]).toString() : args[i];
        }
        CommandLineRun run = CommandLineRun.of(args);
        status = run.status();
        return (run.out() + run.err()).replace(TOP + "/", "").lines().toList();
    }
}
