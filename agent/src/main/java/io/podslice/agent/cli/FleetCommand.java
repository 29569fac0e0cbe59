package io.podslice.agent.cli;

import picocli.CommandLine.Command;

/** {@code podslice fleet}: the group of commands about all nodes of a cluster. */
@Command(
        name = "fleet",
        description = "Show the nodes and pods of a whole cluster, from its API server, and where a pod would fit.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {FleetStatusCommand.class, FleetPodsCommand.class, FleetMapCommand.class, FleetFitCommand.class})
final class FleetCommand {}
