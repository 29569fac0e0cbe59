package io.podslice.agent.cli;

import picocli.CommandLine.Command;

/** {@code podslice nri}: the group of commands about containerd's NRI. */
@Command(
        name = "nri",
        description = "Turn containerd's NRI on for podslice, and back. containerd is never restarted.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {NriEnableCommand.class, NriDisableCommand.class})
final class NriCommand {}
