package io.podslice.agent.cli;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.status.ResizeText;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.managers.pod.Quantity;
import io.podslice.proto.v1.PlanPodRequest;
import io.podslice.proto.v1.PlanPodResponse;
import io.podslice.proto.v1.ResizeOutcome;
import io.podslice.proto.v1.ResizePodRequest;
import io.podslice.proto.v1.ResizePodResponse;
import io.podslice.proto.v1.Resources;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code podslice resize}. */
@Command(
        name = "resize",
        description = {
            "Change the budget of a running pod, whole or not at all; requests and limits that are not named stay.",
            "Exit status 0: the pod has the new budget; 1: it does not, and the reason is printed; 2: the command line"
                    + " or a file cannot be used."
        },
        mixinStandardHelpOptions = true)
final class ResizeCommand implements Callable<Integer> {
    /** The longest time for which a resize may run: a pod takes its time to give memory back. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Parameters(paramLabel = "NAMESPACE/POD", description = "the pod")
    @SuppressWarnings("NullAway.Init") // picocli requires the parameter
    private String pod;

    @Option(names = "--cpu-request", paramLabel = "CPU", description = "the pod's CPU request, e.g. 500m or 4")
    private @Nullable String cpuRequest;

    @Option(names = "--cpu-limit", paramLabel = "CPU", description = "the pod's CPU limit")
    private @Nullable String cpuLimit;

    @Option(names = "--memory-request", paramLabel = "MEMORY", description = "the pod's memory request, e.g. 512Mi")
    private @Nullable String memoryRequest;

    @Option(names = "--memory-limit", paramLabel = "MEMORY", description = "the pod's memory limit")
    private @Nullable String memoryLimit;

    @Option(
            names = "--container",
            paramLabel = "NAME=cpu:AMOUNT,memory:AMOUNT",
            description =
                    "a container's request and limit, as one amount (cpu:2) or two (cpu:1/2, cpu:1/, cpu:/2); may be given"
                            + " several times")
    private List<String> containers = List.of();

    @Option(names = "--dry-run", description = "only print what would be written")
    private boolean dryRun;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description = "table for people, json for programs; default: table")
    private OutputFormat output = OutputFormat.TABLE;

    @Mixin
    private NodeSocketOptions socket = new NodeSocketOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    private CommandSpec spec;

    @Override
    public Integer call() {
        ResizePodRequest request;
        try {
            request = request();
        } catch (DocumentException e) {
            spec.commandLine().getErr().println("podslice resize: " + e.getMessage());
            return ExitCode.USAGE;
        }
        return NodeCall.run("resize", socket, spec.commandLine().getErr(), client -> resize(client, request));
    }

    private ResizePodRequest request() throws DocumentException {
        Resources.Builder own = Resources.newBuilder();
        put("--cpu-request", cpuRequest, "cpu", own::putRequests);
        put("--cpu-limit", cpuLimit, "cpu", own::putLimits);
        put("--memory-request", memoryRequest, "memory", own::putRequests);
        put("--memory-limit", memoryLimit, "memory", own::putLimits);
        ResizePodRequest.Builder request = ResizePodRequest.newBuilder().setPod(PodArgument.read(pod));
        Resources resources = own.build();
        if (!resources.equals(Resources.getDefaultInstance())) {
            request.setResources(resources);
        }
        for (String container : containers) {
            ContainerArgument argument = ContainerArgument.read(container);
            if (request.containsContainers(argument.name())) {
                throw new DocumentException("--container " + argument.name() + ": is given twice");
            }
            request.putContainers(argument.name(), argument.resources());
        }
        if (!request.hasResources() && containers.isEmpty()) {
            throw new DocumentException("nothing to change: name at least one of --cpu-request, --cpu-limit,"
                    + " --memory-request, --memory-limit, --container");
        }
        return request.build();
    }

    private static void put(String option, @Nullable String amount, String resource, BiConsumer<String, String> into)
            throws DocumentException {
        if (amount != null) {
            into.accept(resource, checked(option, amount));
        }
    }

    /** Returns the amount as given; a mistake in it is refused in the option's name. */
    static String checked(String option, String amount) throws DocumentException {
        try {
            if (Quantity.parse(amount).signum() >= 0) {
                return amount;
            }
        } catch (IllegalArgumentException e) {
            throw new DocumentException(option + " \"" + amount + "\": " + e.getMessage());
        }
        throw new DocumentException(option + " \"" + amount + "\": must be greater than or equal to 0");
    }

    private int resize(NodeApiClient client, ResizePodRequest request) {
        PlanPodResponse answer;
        if (dryRun) {
            answer = client.node(PATIENCE)
                    .planPod(PlanPodRequest.newBuilder().setResize(request).build());
        } else {
            ResizePodResponse done = client.node(PATIENCE).resizePod(request);
            answer = PlanPodResponse.newBuilder()
                    .setOutcome(done.getOutcome())
                    .setMessage(done.getMessage())
                    .addAllWrites(done.getWritesList())
                    .addAllRestarts(done.getRestartsList())
                    .build();
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (output) {
                    case TABLE -> ResizeText.of(pod, answer, dryRun);
                    case JSON -> ResizeText.json(answer, dryRun);
                });
        out.flush();
        return answer.getOutcome() == ResizeOutcome.RESIZE_OUTCOME_DONE ? ExitCode.OK : ExitCode.FAILED;
    }
}
