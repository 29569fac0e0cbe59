package io.podslice.agent.cli;

import io.podslice.agent.fleet.FleetJson;
import io.podslice.agent.fleet.FleetMap;
import io.podslice.agent.fleet.FleetReading;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code podslice fleet map}. */
@Command(
        name = "map",
        description = {
            "Draw every node of the cluster in a line: its NUMA nodes, and how many CPUs of each pods have exclusively.",
            "Exit status 0: done; 1: the API server did not answer; 2: the command line cannot be used."
        },
        mixinStandardHelpOptions = true)
final class FleetMapCommand implements Callable<Integer> {
    private static final int NARROWEST = 40;
    private static final int WIDEST = 1000;

    @Mixin
    private FleetOptions options = new FleetOptions();

    @Option(
            names = "--width",
            paramLabel = "COLUMNS",
            defaultValue = "100",
            description = "columns that a line may take; default: 100")
    private int width = 100;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (width < NARROWEST || width > WIDEST) {
            throw new ParameterException(
                    spec.commandLine(), "--width \"" + width + "\": must be between " + NARROWEST + " and " + WIDEST);
        }
        return options.run((fleet, shard, out) -> {
            FleetReading reading = FleetReading.of(fleet);
            if (options.isJson()) {
                FleetJson.write(reading, shard, out);
            } else {
                out.print(FleetMap.text(reading, width));
            }
        });
    }
}
