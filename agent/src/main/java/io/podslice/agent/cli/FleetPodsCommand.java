package io.podslice.agent.cli;

import io.podslice.agent.fleet.FleetPods;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code podslice fleet pods}. */
@Command(
        name = "pods",
        description = {
            "Show the pods of the cluster that have a budget of their own, exclusive CPUs or an annotation of podslice's: node,"
                    + " resources, resize.",
            "Exit status 0: done; 1: the API server did not answer; 2: the command line cannot be used."
        },
        mixinStandardHelpOptions = true)
final class FleetPodsCommand implements Callable<Integer> {
    @Mixin
    private FleetOptions options = new FleetOptions();

    @Option(names = "--node", paramLabel = "NAME", description = "the pods of one node; default: of all nodes")
    private @Nullable String node;

    @Option(
            names = {"-a", "--all"},
            description = "all pods, those that have ended too")
    private boolean all;

    @Option(
            names = {"-w", "--watch"},
            description =
                    "then go on, and print each change until it is interrupted; with the events' names of the API: a pod that"
                            + " is shown no longer is DELETED")
    private boolean watches;

    @Override
    public Integer call() {
        return options.run((fleet, shard, out) -> {
            if (watches) {
                options.follow(fleet, Optional.ofNullable(node), all, out);
                return;
            }
            FleetPods pods = FleetPods.of(fleet, Optional.ofNullable(node), all);
            if (options.isJson()) {
                pods.writeJson(shard, out);
            } else {
                out.print(pods.table(shard));
            }
        });
    }
}
