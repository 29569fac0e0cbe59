package io.podslice.agent.cli;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.MachineFit;
import io.podslice.agent.machine.MachineArgument;
import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.manifest.Pod;
import io.podslice.agent.plan.NodePlan;
import io.podslice.agent.plan.PlanJson;
import io.podslice.agent.plan.PlanTable;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.agent.yaml.Remark;
import io.podslice.agent.yaml.TextFile;
import io.podslice.cgroups.machine.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private static final String STANDARD_INPUT = "-";
    private static final int MOST_MEBIBYTES = 64;

    @Option(
            names = "--machine",
            paramLabel = "FILE|DIR|this",
            description =
                    "a machine file (see \"podslice machine\"), a copy of /sys, or this machine, which is the default")
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
            Machine given = MachineArgument.read(machine);
            Configuration configuration = NodeSocketOptions.configuration(config);
            boolean isThis = machine.equals(MachineArgument.THIS);
            Machine read = isThis ? MachineFit.usable(configuration, given) : given;
            requireFit(configuration, read);
            read.barredText().ifPresent(what -> err.println("note: " + what));
            MachineFit.unchecked(configuration, read).ifPresent(what -> err.println("note: " + named(what)));
            long pageBytes = MachineArgument.pageBytes(machine);
            plan = isThis
                    ? NodePlan.of(read, configuration, MachineFit.layout(configuration), pods(err), pageBytes)
                    : NodePlan.of(read, configuration, pods(err), pageBytes);
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

    private void requireFit(Configuration configuration, Machine on) throws DocumentException {
        List<String> problems = MachineFit.problems(configuration, on);
        if (!problems.isEmpty()) {
            throw new DocumentException(problems.stream().map(this::named).toList());
        }
    }

    private String named(String remark) {
        return (config == null ? "configuration" : config) + ": " + remark;
    }

    private List<Pod> pods(PrintWriter err) throws DocumentException {
        List<Pod> all = new ArrayList<>();
        Map<String, String> names = new HashMap<>();
        for (String given : pods) {
            String file = given.equals(STANDARD_INPUT) ? "standard input" : given;
            Manifests manifests = Manifests.read(file, text(given), all.size());
            for (Remark note : manifests.notes()) {
                err.println("note: " + note.text(file));
            }
            for (Pod pod : manifests.pods()) {
                String place = file + ":" + pod.mark().line();
                String first = names.putIfAbsent(pod.fullName(), place);
                String sameUid = names.putIfAbsent(pod.uid(), place);
                if (first != null) {
                    throw new DocumentException(place + ": pods \"" + pod.name() + "\" already exists, from " + first
                            + "; with generateName in place of name one manifest makes many");
                }
                if (sameUid != null) {
                    throw new DocumentException(
                            place + ": metadata.uid \"" + pod.uid() + "\": is that of the pod from " + sameUid);
                }
                all.add(pod);
            }
        }
        return all;
    }

    private static String text(String file) throws DocumentException {
        try {
            return file.equals(STANDARD_INPUT)
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : TextFile.read(Path.of(file), MOST_MEBIBYTES, "a manifest");
        } catch (IOException e) {
            throw new DocumentException(String.valueOf(e.getMessage()));
        }
    }
}
