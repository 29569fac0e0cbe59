package io.podslice.agent.cli;

import io.podslice.agent.fleet.FleetFit;
import io.podslice.agent.fleet.FleetReading;
import io.podslice.agent.manifest.Pod;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cluster.fleet.Fleet;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code podslice fleet fit}. */
@Command(
        name = "fit",
        description = {
            "Show the nodes of the cluster on which a new pod would find its CPUs and memory, the fullest first, and what the"
                    + " others lack: by NodeResourceTopology objects, the pods' requests, and the topology manager's policy.",
            "Exit status 0: it fits somewhere; 1: it fits nowhere, or the API server did not answer; 2: the command line or"
                    + " the file cannot be used."
        },
        mixinStandardHelpOptions = true)
final class FleetFitCommand implements Callable<Integer> {
    private static final String DEFAULT_MEMORY = "1Gi";

    @Mixin
    private ApiServerOptions server = new ApiServerOptions();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "the Pod manifest; - for standard input")
    private @Nullable String file;

    @Option(
            names = "--cpus",
            paramLabel = "N",
            description = "in place of a file: a pod with a budget of this many CPUs")
    private @Nullable String cpus;

    @Option(
            names = "--memory",
            paramLabel = "AMOUNT",
            description = "with --cpus: its memory, such as 12Gi; default: " + DEFAULT_MEMORY)
    private @Nullable String memory;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description = "table for people, json for programs; default: table")
    private OutputFormat output = OutputFormat.TABLE;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    /** A new pod. */
    private record Wanted(String title, PodSpec spec, Map<String, Boolean> knobs) {}

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Wanted wanted;
        try {
            wanted = wanted(err);
        } catch (DocumentException e) {
            err.println("podslice fleet fit: " + e.getMessage());
            return ExitCode.USAGE;
        }
        try (Fleet fleet = new Fleet(server.ofPerson(System.getenv()), Optional.empty())) {
            FleetFit fit = FleetFit.of(wanted.title, wanted.spec, wanted.knobs, FleetReading.of(fleet));
            PrintWriter out = spec.commandLine().getOut();
            out.print(output == OutputFormat.JSON ? fit.json() : fit.table());
            out.flush();
            return fit.isAnywhere() ? ExitCode.OK : ExitCode.FAILED;
        } catch (IOException e) {
            err.println("podslice fleet fit: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private Wanted wanted(PrintWriter err) throws DocumentException {
        if ((file == null) == (cpus == null)) {
            throw new ParameterException(spec.commandLine(), "one of --file and --cpus must name the pod");
        }
        if (file == null) {
            return budget(amount("--cpus", cpus), amount("--memory", memory == null ? DEFAULT_MEMORY : memory));
        }
        if (memory != null) {
            throw new ParameterException(spec.commandLine(), "--memory goes with --cpus, and not with --file");
        }
        List<Pod> pods = PodFiles.read(List.of(file), err).pods();
        if (pods.size() != 1) {
            throw new DocumentException(file + ": holds " + pods.size() + " pods; must be one");
        }
        Pod pod = pods.getFirst();
        return new Wanted("pod " + pod.fullName(), pod.spec(), pod.exclusive());
    }

    private Quantity amount(String option, @Nullable String text) {
        try {
            Quantity amount = Quantity.parse(text == null ? "" : text);
            if (amount.signum() > 0) {
                return amount;
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), option + " \"" + text + "\": " + e.getMessage(), e);
        }
        throw new ParameterException(spec.commandLine(), option + " \"" + text + "\": must be above 0");
    }

    private static Wanted budget(Quantity cpu, Quantity memory) {
        ResourceList amounts = ResourceList.of(Map.of(ResourceName.CPU, cpu, ResourceName.MEMORY, memory));
        PodSpec spec = new PodSpec(
                new ResourceRequirements(amounts, amounts),
                List.of(new ContainerSpec("app", ContainerKind.APP, ResourceRequirements.NONE)));
        return new Wanted("a pod of " + cpu + " CPUs and " + memory, spec, Map.of());
    }
}
