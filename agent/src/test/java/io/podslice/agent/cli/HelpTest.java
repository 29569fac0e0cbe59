package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Every command, and every group of commands, tells of itself when it is asked. */
final class HelpTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "serve",
                "config",
                "config check",
                "config default",
                "machine",
                "plan",
                "map",
                "status",
                "replay",
                "publish",
                "fleet",
                "fleet status",
                "fleet pods",
                "fleet map",
                "fleet fit",
                "resize",
                "doctor",
                "kubelet",
                "kubelet status",
                "kubelet attach",
                "kubelet detach",
                "nri",
                "nri enable",
                "nri disable",
                "release",
                "gather",
                "install",
                "uninstall",
                "completion"
            })
    void aCommandExplainsItself(String command) {
        for (String option : new String[] {"--help", "-h"}) {
            CommandLineRun run =
                    CommandLineRun.of((command + " " + option).strip().split(" ", -1));

            assertThat(run.err()).isEmpty();
            assertThat(run.out()).startsWith("Usage: " + ("podslice " + command).strip());
            assertThat(run.status()).isZero();
        }
    }

    @Test
    void commandsAreMadeByTheirNames() {
        assertThat(Podslice.COMMANDS.size()).isGreaterThan(10);
        Podslice.COMMANDS.forEach((name, command) ->
                assertThat(new CommandLine(command.get()).getCommandName()).isEqualTo(name));
    }

    @Test
    void allCommandsAreListed() {
        String usage = CommandLineRun.of("--help").out();

        assertThat(Podslice.COMMANDS.keySet())
                .allSatisfy(name -> assertThat(usage).containsPattern("(?m)^  " + name + " "));
        assertThat(CommandLineRun.of("help").out()).isEqualTo(usage);
        assertThat(CommandLineRun.of("help", "status").out())
                .isEqualTo(CommandLineRun.of("status", "--help").out());
    }
}
