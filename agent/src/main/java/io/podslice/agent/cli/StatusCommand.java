package io.podslice.agent.cli;

import io.grpc.Context;
import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.status.StatusJson;
import io.podslice.agent.status.StatusTable;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.proto.v1.GetPodRequest;
import io.podslice.proto.v1.ListPodsRequest;
import io.podslice.proto.v1.NodeCondition;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.proto.v1.StatusResponse;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code podslice status}. */
@Command(
        name = "status",
        description = {
            "Show the pods of this node as the running podslice knows them: budgets desired, allocated and actual,"
                    + " CPUs, memory protection, resizes.",
            "Exit status 0: done; 1: podslice cannot be reached or has no such pod; 2: the command line or a file cannot"
                    + " be used."
        },
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    /** On a node with too much to do the first call of a kind loads its classes for seconds. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @Parameters(
            paramLabel = "NAMESPACE/POD",
            arity = "0..1",
            description = "one pod in full; default: all pods, a line for each")
    private @Nullable String pod;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description = "table for people, json for programs; default: table")
    private OutputFormat output = OutputFormat.TABLE;

    @Option(
            names = {"-w", "--watch"},
            description = "go on and print every change until interrupted (SIGINT, SIGTERM)")
    private boolean watch;

    @Option(names = "--explain", description = "of one pod also what the sources of its spec said")
    private boolean explain;

    @Mixin
    private NodeSocketOptions socket = new NodeSocketOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        return NodeCall.run("status", socket, spec.commandLine().getErr(), this::show);
    }

    private int show(NodeApiClient client) throws DocumentException {
        PodReference only = pod == null ? null : PodArgument.read(pod);
        PrintWriter out = spec.commandLine().getOut();
        StatusResponse node = client.node(PATIENCE).status(StatusRequest.getDefaultInstance());
        if (node.getCondition() != NodeCondition.NODE_CONDITION_READY) {
            spec.commandLine().getErr().println("podslice status: not ready: " + node.getMessage());
            return ExitCode.FAILED;
        }
        if (watch) {
            StatusWatch changes = new StatusWatch(
                    client, only, output, explain, out, spec.commandLine().getErr());
            return changes.run(Context.current());
        }
        if (only != null) {
            Pod one = client.node(PATIENCE)
                    .getPod(GetPodRequest.newBuilder().setPod(only).build())
                    .getPod();
            out.print(
                    switch (output) {
                        case TABLE -> new StatusTable(Instant.now()).pod(one, explain);
                        case JSON -> StatusJson.pod(one);
                    });
        } else {
            List<Pod> all = client.node(PATIENCE)
                    .listPods(ListPodsRequest.getDefaultInstance())
                    .getPodsList();
            out.print(
                    switch (output) {
                        case TABLE -> new StatusTable(Instant.now()).list(node, all);
                        case JSON -> StatusJson.list(node, all);
                    });
        }
        out.flush();
        return ExitCode.OK;
    }
}
