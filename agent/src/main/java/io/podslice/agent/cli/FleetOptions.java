package io.podslice.agent.cli;

import io.podslice.agent.fleet.PodsFollower;
import io.podslice.agent.fleet.ShardArgument;
import io.podslice.cluster.fleet.Fleet;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of the commands on a whole cluster. */
final class FleetOptions {
    /** The part of a command that needs the API server. */
    interface Use {
        /**
         * Reads, and then prints.
         *
         * @throws IOException if the server does not answer
         */
        void of(Fleet fleet, Optional<ShardArgument> shard, PrintWriter out) throws IOException;
    }

    @Mixin
    private ApiServerOptions server = new ApiServerOptions();

    @Option(
            names = "--shard",
            paramLabel = "I/N",
            converter = ShardConverter.class,
            description = "one of N equal parts of the objects, by their uids, counted from 0, for several readers")
    private @Nullable ShardArgument shard;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description = "table for people, json for programs; default: table")
    private OutputFormat output = OutputFormat.TABLE;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    boolean isJson() {
        return output == OutputFormat.JSON;
    }

    /** Prints pods and their changes until the thread is interrupted. */
    void follow(Fleet fleet, Optional<String> node, boolean all, PrintWriter out) throws IOException {
        try {
            fleet.follow(
                    node,
                    new PodsFollower(all, isJson(), out, spec.commandLine().getErr()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs a command's use of the API server; returns the command's exit status. */
    int run(Use use) {
        Optional<ShardArgument> part = Optional.ofNullable(shard);
        try (Fleet fleet = new Fleet(server.ofPerson(System.getenv()), part.map(ShardArgument::selector))) {
            PrintWriter out = spec.commandLine().getOut();
            use.of(fleet, part, out);
            out.flush();
            return ExitCode.OK;
        } catch (IOException e) {
            spec.commandLine().getErr().println(spec.qualifiedName() + ": " + e.getMessage());
            return ExitCode.FAILED;
        }
    }
}
