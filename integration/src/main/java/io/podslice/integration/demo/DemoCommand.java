package io.podslice.integration.demo;

import io.podslice.agent.cli.ExitCode;
import io.podslice.agent.cli.Subcommand;
import io.podslice.cgroups.CgroupDriver;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows podslice at work on a simulated node: no root, no cluster, no change of this machine. */
@Command(
        name = "demo",
        description = "Shows what podslice does, on a simulated node: no root, nothing on this machine changes.",
        footer = {"", "The exit status is 0 only if the simulated cgroup files say what was asked for."},
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Subcommand {
    private static final int MOST_PORT = 65_535;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON document instead.")
    private boolean json;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "Leave the node's cgroup files in DIR, as they were while the pods ran; new or empty.")
    private @Nullable Path keep;

    @Option(
            names = "--page",
            paramLabel = "PORT",
            arity = "0..1",
            fallbackValue = "9420",
            description =
                    "Serve the node's page on that port of localhost until Ctrl-C, while the pods run, a resize waits and a pod"
                            + " has been refused; 9420 if no port is given.")
    private @Nullable Integer page;

    @Option(
            names = "--source",
            paramLabel = "SOURCE",
            defaultValue = "annotation",
            converter = DemoSource.Converter.class,
            description =
                    "Let podslice learn the pods' specs from annotation, podsAPI, apiServer or staticPods, each as"
                            + " in podSpecs.source of its configuration; the pods have an annotation with the first alone.")
    private DemoSource source = DemoSource.ANNOTATION;

    @Option(
            names = "--driver",
            paramLabel = "DRIVER",
            defaultValue = "cgroupfs",
            converter = DriverConverter.class,
            description = "Name and make cgroups as kubelet and runtime do with cgroupDriver cgroupfs or systemd; the"
                    + " systemd is simulated too.")
    private CgroupDriver driver = CgroupDriver.CGROUPFS;

    @Override
    public Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("a command runs from a command line");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (keep != null && !isFree(keep)) {
            throw new ParameterException(spec.commandLine(), "--keep " + keep + ": is not an empty folder");
        }
        if (page != null && (page < 0 || page > MOST_PORT)) {
            throw new ParameterException(spec.commandLine(), "--page " + page + ": is not a port");
        }
        long began = System.nanoTime();
        DemoResult result = page == null ? run(null) : looked(page, out);
        double seconds = (System.nanoTime() - began) / 1e9;
        out.println(
                json
                        ? new JsonReport(result).text()
                        : new TextReport(result, new Paint(Ansi.AUTO.enabled())).text(seconds));
        out.flush();
        return result.holds() ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Runs the demo with its page until Ctrl-C, and even then to its end, so that nothing of it stays. */
    private DemoResult looked(int port, PrintWriter out) throws IOException {
        CountDownLatch looked = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Thread end = new Thread(() -> {
            looked.countDown();
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(end);
        try {
            return run(new DemoPage(
                    port,
                    address -> {
                        out.println("The node's page: " + address + "  (Ctrl-C ends the demo)");
                        out.flush();
                    },
                    looked));
        } finally {
            done.countDown();
        }
    }

    private DemoResult run(@Nullable DemoPage shown) throws IOException {
        Path folder = Files.createTempDirectory("podslice");
        try {
            return new Demo(folder, keep, shown, source, driver).run();
        } finally {
            delete(folder);
        }
    }

    private static boolean isFree(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return !Files.exists(folder);
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    static void delete(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
