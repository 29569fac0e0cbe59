package io.podslice.agent.cli;

import picocli.CommandLine.Command;

/** {@code podslice config}: the configuration file, without running anything. */
@Command(
        name = "config",
        description = "Check a configuration file, or print the default one or the schema.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {ConfigCheckCommand.class, ConfigDefaultCommand.class, ConfigSchemaCommand.class})
final class ConfigCommand {}
