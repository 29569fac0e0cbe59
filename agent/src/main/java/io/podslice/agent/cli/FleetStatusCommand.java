package io.podslice.agent.cli;

import io.podslice.agent.fleet.FleetJson;
import io.podslice.agent.fleet.FleetReading;
import io.podslice.agent.fleet.FleetTable;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code podslice fleet status}. */
@Command(
        name = "status",
        description = {
            "Show every node of the cluster: CPUs, those that pods have exclusively, those that are free on each NUMA node, and"
                    + " its pods. CPUs are those of NodeResourceTopology objects, which podslice publish writes.",
            "Exit status 0: done; 1: the API server did not answer; 2: the command line cannot be used."
        },
        mixinStandardHelpOptions = true)
final class FleetStatusCommand implements Callable<Integer> {
    @Mixin
    private FleetOptions options = new FleetOptions();

    @Override
    public Integer call() {
        return options.run((fleet, shard, out) -> {
            FleetReading reading = FleetReading.of(fleet);
            if (options.isJson()) {
                FleetJson.write(reading, shard, out);
            } else {
                out.print(new FleetTable(Instant.now()).text(reading, shard));
            }
        });
    }
}
