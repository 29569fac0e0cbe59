package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
}
