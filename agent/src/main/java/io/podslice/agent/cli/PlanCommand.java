package io.podslice.agent.cli;

import io.podslice.agent.machine.MachineArgument;
import io.podslice.agent.plan.NodePlan;
import io.podslice.agent.plan.PlanJson;
import io.podslice.agent.plan.PlanTable;
import io.podslice.agent.yaml.DocumentException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice plan}. */
@Command(
        name = "plan",
        description = {
            "Plan pods on a machine, without touching one: show which are admitted or refused, with the reasons, and the"
                    + " CPUs, memory and cgroup values of each container. Needs no root.",
            "Exit status 0: every pod is admitted; 1: some are refused; 2: the command line or a file cannot be used."
        },
        mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
    @Option(
            names = "--machine",
            paramLabel = "FILE|DIR|this",
            description =
                    "a machine file (see \"podslice machine\"), the XML of hwloc (lstopo --of xml), a copy of /sys, or this"
                            + " machine, which is the default")
    private String machine = MachineArgument.THIS;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the node's configuration file; default: the default configuration")
    private @Nullable Path config;

    @Option(
            names = "--pod",
            paramLabel = "FILE",
            required = true,
            description =
                    "Pod manifests, YAML or JSON, any number in a file; - for standard input. May be given several"
                            + " times; the pods come in the order in which they are given")
    private List<String> pods = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            description = "table for people, which is the default, or json for programs")
    private OutputFormat output = OutputFormat.TABLE;

    @Option(names = "--explain", description = "also show which NUMA nodes were considered, and why each set lost")
    private boolean explain;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        NodePlan plan;
        try {
            plan = new PlanInput(machine, config, err)
                    .plan(PodFiles.read(pods, err).pods());
        } catch (DocumentException e) {
            err.println(e.getMessage());
            return ExitCode.USAGE;
        }
        spec.commandLine()
                .getOut()
                .print(
                        switch (output) {
                            case TABLE -> PlanTable.text(plan, explain);
                            case JSON -> PlanJson.text(plan, explain);
                        });
        return plan.admitted() == plan.pods().size() ? ExitCode.OK : ExitCode.FAILED;
    }
}
