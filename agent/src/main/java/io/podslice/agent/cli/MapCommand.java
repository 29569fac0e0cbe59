package io.podslice.agent.cli;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.api.Topologies;
import io.podslice.agent.machine.MachineArgument;
import io.podslice.agent.map.JsonMap;
import io.podslice.agent.map.NodeMap;
import io.podslice.agent.map.PlanMap;
import io.podslice.agent.map.StatusMap;
import io.podslice.agent.map.SvgMap;
import io.podslice.agent.map.TextMap;
import io.podslice.agent.plan.NodePlan;
import io.podslice.agent.status.StatusFile;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.machine.Machine;
import io.podslice.proto.v1.ListPodsRequest;
import io.podslice.proto.v1.NodeCondition;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.proto.v1.StatusResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code podslice map}. */
@Command(
        name = "map",
        description = {
            "Draw the machine with its sockets, NUMA nodes, L3 caches, cores and CPUs, and the pod that runs on each CPU: of"
                    + " the running podslice, of a saved status, or of a plan.",
            "Exit status 0: done; 1: podslice cannot be reached, a pod of the plan is refused, or the picture cannot be"
                    + " written; 2: the command line or a file cannot be used."
        },
        mixinStandardHelpOptions = true)
final class MapCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int MOST_MEBIBYTES = 64;

    /** The form of the map. */
    private static final class Form {
        /** Names the default. */
        @SuppressWarnings("UnusedVariable")
        @Option(names = "--text", description = "as text, which is the default")
        private boolean isText;

        @Option(
                names = "--svg",
                paramLabel = "FILE",
                description = "as a picture, written to FILE; - for standard output")
        private @Nullable String svg;

        @Option(names = "--json", description = "as JSON, for programs")
        private boolean isJson;
    }

    @ArgGroup
    private Form form = new Form();

    @Option(
            names = "--status",
            paramLabel = "FILE",
            description = "of a saved status, which \"podslice status -o json\" wrote; - for standard input")
    private @Nullable String status;

    @Option(
            names = "--pod",
            paramLabel = "FILE",
            description =
                    "of a plan of these Pod manifests (see \"podslice plan\"): before and after the pods of the last file")
    private List<String> pods = new ArrayList<>();

    @Option(
            names = "--machine",
            paramLabel = "FILE|DIR|this",
            description = "the machine of a plan, or of a status that does not tell it: a machine file (see \"podslice"
                    + " machine\"), the XML of hwloc (lstopo --of xml), a copy of /sys, or this machine")
    private @Nullable String machine;

    @Option(
            names = "--width",
            paramLabel = "COLUMNS",
            defaultValue = "100",
            description = "columns that the machine may take as text; default: 100")
    private int width = 100;

    @Mixin
    private NodeSocketOptions socket = new NodeSocketOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            if (width < TextMap.NARROWEST || width > TextMap.WIDEST) {
                throw new DocumentException(
                        "--width \"" + width + "\": must be between " + TextMap.NARROWEST + " and " + TextMap.WIDEST);
            }
            if (!pods.isEmpty()) {
                if (status != null) {
                    throw new DocumentException("--status and --pod: a map is of one or the other");
                }
                return ofPlan(err);
            }
            if (status != null) {
                StatusFile saved =
                        StatusFile.read(InputFile.name(status), InputFile.text(status, MOST_MEBIBYTES, "a status"));
                return draw(Map.of("", map(saved.node(), saved.pods(), machine(saved.machine()))));
            }
        } catch (DocumentException e) {
            err.println("podslice map: " + e.getMessage());
            return ExitCode.USAGE;
        }
        return NodeCall.run("map", socket, err, this::ofNode);
    }

    private int ofNode(NodeApiClient client) throws DocumentException {
        StatusResponse node = client.node(PATIENCE).status(StatusRequest.getDefaultInstance());
        if (node.getCondition() != NodeCondition.NODE_CONDITION_READY) {
            spec.commandLine().getErr().println("podslice map: not ready: " + node.getMessage());
            return ExitCode.FAILED;
        }
        List<Pod> all = client.node(PATIENCE)
                .listPods(ListPodsRequest.getDefaultInstance())
                .getPodsList();
        Optional<Machine> told;
        try {
            told = node.hasTopology() ? Optional.of(Topologies.machine(node.getTopology())) : Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new DocumentException("the node's " + e.getMessage());
        }
        return draw(Map.of("", map(node, all, machine(told))));
    }

    private int ofPlan(PrintWriter err) throws DocumentException {
        PlanInput input = new PlanInput(machine == null ? MachineArgument.THIS : machine, socket.config(), err);
        PodFiles files = PodFiles.read(pods, err);
        NodePlan before = input.plan(files.pods().subList(0, files.beforeLast()));
        NodePlan after = input.plan(files.pods());
        Map<String, NodeMap> maps = new LinkedHashMap<>();
        try {
            maps.put("before", PlanMap.of(before));
            maps.put("after", PlanMap.of(after));
        } catch (IllegalArgumentException e) {
            throw new DocumentException(String.valueOf(e.getMessage()));
        }
        int drawn = draw(maps);
        return drawn == ExitCode.OK && after.admitted() < after.pods().size() ? ExitCode.FAILED : drawn;
    }

    private static NodeMap map(StatusResponse node, List<Pod> pods, Machine machine) throws DocumentException {
        try {
            return StatusMap.of(node, pods, machine);
        } catch (IllegalArgumentException e) {
            throw new DocumentException(String.valueOf(e.getMessage()));
        }
    }

    private Machine machine(Optional<Machine> told) throws DocumentException {
        if (machine != null) {
            return MachineArgument.read(machine);
        }
        return told.orElseThrow(
                () -> new DocumentException("the status does not tell the node's machine: name it with --machine"));
    }

    /**
     * Draws maps.
     *
     * @param maps by heading, in order
     */
    private int draw(Map<String, NodeMap> maps) {
        List<NodeMap> headed = new ArrayList<>();
        maps.forEach((heading, map) -> headed.add(map.headed(heading)));
        PrintWriter out = spec.commandLine().getOut();
        if (form.svg != null) {
            return picture(form.svg, SvgMap.text(headed));
        }
        if (form.isJson) {
            out.print(headed.size() == 1 ? JsonMap.text(headed.getFirst()) : JsonMap.text(maps));
        } else {
            boolean isColoured = Ansi.AUTO.enabled();
            for (int i = 0; i < headed.size() - 1; i++) {
                out.print(headed.get(i).heading() + "\n" + TextMap.picture(headed.get(i), width, isColoured) + "\n");
            }
            out.print(TextMap.text(headed.getLast(), width, isColoured));
        }
        out.flush();
        return ExitCode.OK;
    }

    private int picture(String file, String svg) {
        if (file.equals(InputFile.STANDARD_INPUT)) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(svg);
            out.flush();
            return ExitCode.OK;
        }
        try {
            Files.writeString(Path.of(file), svg);
            return ExitCode.OK;
        } catch (IOException e) {
            spec.commandLine()
                    .getErr()
                    .println("podslice map: --svg " + file + ": cannot be written: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }
}
