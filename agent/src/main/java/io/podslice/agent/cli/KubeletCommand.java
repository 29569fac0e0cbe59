package io.podslice.agent.cli;

import picocli.CommandLine.Command;

/** {@code podslice kubelet}: the group of commands about the kubelet's endpoint. */
@Command(
        name = "kubelet",
        description = "Show which runtime endpoint the kubelet of this node uses, point it at podslice, and back.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {KubeletStatusCommand.class, KubeletAttachCommand.class, KubeletDetachCommand.class})
final class KubeletCommand {}
