package io.podslice.integration.bench;

import io.podslice.integration.bench.ProxyResult.Figure;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the benchmarks of {@code bin/bench}. The property {@code podslice.launcher} names the program under test. */
@Command(
        name = "bench",
        description = "The costs of podslice, measured.",
        footer = "The cost of the managers' decisions: bin/bench managers --help",
        mixinStandardHelpOptions = true)
final class BenchMain {

    private BenchMain() {}

    /** Exits with status 0: measured; 1: a target was missed and {@code --check} given; 2: not measured. */
    public static void main(String[] args) {
        CommandLine line = new CommandLine(new BenchMain());
        line.addSubcommand(new Proxy(System.out, System.err));
        line.addSubcommand(new Memory(System.out, System.err));
        line.addSubcommand(new ResizeCommand(System.out));
        line.addSubcommand(new NriCommand(System.out));
        line.addSubcommand(new SourcesCommand(System.out, System.err));
        line.addSubcommand(new PageCommand(System.out, System.err));
        line.addSubcommand(new RuntimeCommand(System.out, System.err));
        line.addSubcommand(new StormCommand(System.out, System.err));
        line.addSubcommand(new ScaleCommand(System.out, System.err));
        line.addSubcommand(new FleetCommand(System.out, System.err));
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof BenchException) {
                command.getErr().println(failure.getMessage());
                return CommandLine.ExitCode.USAGE;
            }
            throw failure;
        });
        System.exit(line.execute(args));
    }

    @Command(
            name = "proxy",
            description = "Calls through the shim against the same calls straight to a fake runtime.",
            mixinStandardHelpOptions = true)
    private static final class Proxy implements Callable<Integer> {

        private static final ProxyBench.Size FULL =
                new ProxyBench.Size(40, Duration.ofMillis(250), Duration.ofSeconds(2), 11);
        private static final ProxyBench.Size QUICK =
                new ProxyBench.Size(14, Duration.ofMillis(100), Duration.ofMillis(700), 5);

        /** The most that podslice should have resident after a run, in mebibytes. */
        private static final double MOST = 64;

        private static final double MOST_WITH_NRI = 72;

        private final PrintStream out;
        private final PrintStream err;

        @Option(names = "--quick", description = "In under a minute, less exact.")
        private boolean quick;

        @Option(names = "--rounds", paramLabel = "N", description = "Pairs of rounds for each row.")
        private int rounds;

        @Option(names = "--copy", description = "Measure a process that copies bytes in place of podslice.")
        private boolean copy;

        @Option(
                names = "--nri",
                description = "With the NRI door too: 100 pods that run, and 5 that come and go in each round.")
        private boolean nri;

        @Option(names = "--json", description = "The result as JSON.")
        private boolean json;

        @Option(names = "--check", description = "Exit with status 1 if a target is missed.")
        private boolean check;

        Proxy(PrintStream out, PrintStream err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public Integer call() throws IOException {
            ProxyBench.Size full = quick ? QUICK : FULL;
            ProxyBench.Size size =
                    rounds > 0 ? new ProxyBench.Size(rounds, full.round(), full.warmUp(), full.starts()) : full;
            return measured(check, folder -> {
                Programs programs = new Programs(folder, launcher());
                ProxyResult result = nri ? withNri(programs, size) : withoutNri(programs, size);
                out.println(json ? ProxyReport.json(result) : ProxyReport.table(result));
                return result.missed();
            });
        }

        private ProxyResult withNri(Programs programs, ProxyBench.Size size) {
            try (NriLoad load = new NriLoad(programs.nriSocket())) {
                return new ProxyBench(programs, programs::shimAndPlugin, size, load, MOST_WITH_NRI, err::println).run();
            }
        }

        private ProxyResult withoutNri(Programs programs, ProxyBench.Size size) {
            return new ProxyBench(
                            programs, copy ? programs::copy : programs::shim, size, Beside.NOTHING, MOST, err::println)
                    .run();
        }
    }

    @Command(
            name = "memory",
            description = "What the shim has resident after a load like critest's, and with connections held.",
            mixinStandardHelpOptions = true)
    private static final class Memory implements Callable<Integer> {

        private static final MemoryBench.Size SIZE =
                new MemoryBench.Size(100, 64, Duration.ofSeconds(5), 15_000_000, 1_000, 5_000, Duration.ofSeconds(25));

        private final PrintStream out;
        private final PrintStream err;

        @Option(names = "--check", description = "Exit with status 1 if a target is missed.")
        private boolean check;

        Memory(PrintStream out, PrintStream err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public Integer call() throws IOException {
            return measured(check, folder -> {
                Programs programs = new Programs(folder, launcher());
                return printed(out, new MemoryBench(programs, programs::shim, SIZE, err::println).run());
            });
        }
    }

    private static Path launcher() {
        return Path.of(System.getProperty("podslice.launcher", "bin/podslice"));
    }

    private static List<String> serveFlags() {
        return List.of(
                System.getProperty("podslice.serve.flags", "-XX:+UseSerialGC").split(" ", -1));
    }

    @Command(
            name = "resize",
            description = "From the resize call to the last cgroup write, on the simulated node.",
            mixinStandardHelpOptions = true)
    private static final class ResizeCommand implements Callable<Integer> {
        private final PrintStream out;

        @Option(names = "--rounds", paramLabel = "N", description = "Resizes of each row; default: 2000.")
        private int rounds = 2_000;

        @Option(names = "--pods", paramLabel = "N", description = "Pods on the node; default: 250.")
        private int pods = 250;

        @Option(
                names = "--disk",
                paramLabel = "FOLDER",
                description = "The folder of the state on disk; default: the current folder.")
        private Path disk = Path.of("").toAbsolutePath();

        @Option(names = "--check", description = "Exit with status 1 if the target is missed.")
        private boolean check;

        ResizeCommand(PrintStream out) {
            this.out = out;
        }

        @Override
        public Integer call() throws IOException {
            Map<String, Path> folders = new LinkedHashMap<>();
            try {
                stateFolders(folders, disk);
                List<ResizeBench.Row> rows = ResizeBench.run(pods, folders, rounds, rounds);
                out.print(ResizeReport.table(pods, rows));
                Path first = folders.values().iterator().next();
                Samples sweeps = SweepBench.run(
                        ResizeBench.MACHINE, pods, Files.createDirectory(first.resolve("sweep")), rounds);
                out.print(ResizeReport.sweeps(pods, sweeps));
                boolean missed = rows.stream().anyMatch(ResizeReport::missed) || ResizeReport.missed(sweeps);
                return check && missed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
            } finally {
                for (Path folder : folders.values()) {
                    delete(folder);
                }
            }
        }
    }

    @Command(
            name = "nri",
            description = "Events through the NRI door to the last answer, on the simulated node.",
            mixinStandardHelpOptions = true)
    private static final class NriCommand implements Callable<Integer> {
        private final PrintStream out;

        @Option(names = "--rounds", paramLabel = "N", description = "Pods that come and go, of each row; default: 500.")
        private int rounds = 500;

        @Option(
                names = "--pods",
                paramLabel = "N",
                split = ",",
                description = "Pods that stay on the node, ascending; default: 10,100,250.")
        private List<Integer> pods = List.of(10, 100, 250);

        @Option(
                names = "--disk",
                paramLabel = "FOLDER",
                description = "The folder of the state on disk; default: the current folder.")
        private Path disk = Path.of("").toAbsolutePath();

        @Option(names = "--check", description = "Exit with status 1 if the target is missed.")
        private boolean check;

        NriCommand(PrintStream out) {
            this.out = out;
        }

        @Override
        public Integer call() throws IOException, InterruptedException {
            Map<String, Path> folders = new LinkedHashMap<>();
            try {
                stateFolders(folders, disk);
                List<NriBench.Row> rows = NriBench.run(pods, folders, rounds, rounds);
                out.print(NriReport.table(rows));
                boolean missed = rows.stream().anyMatch(NriReport::missed);
                return check && missed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
            } finally {
                for (Path folder : folders.values()) {
                    delete(folder);
                }
            }
        }
    }

    @Command(
            name = "sources",
            description = "Admissions with each source of pods' specs, and what podslice has resident with it.",
            mixinStandardHelpOptions = true)
    private static final class SourcesCommand implements Callable<Integer> {
        private final PrintStream out;
        private final PrintStream err;

        @Option(names = "--rounds", paramLabel = "N", description = "Pods that come and go, of each row; default: 300.")
        private int rounds = 300;

        @Option(names = "--pods", paramLabel = "N", description = "Pods on the node; default: 250.")
        private int pods = 250;

        @Option(
                names = "--disk",
                paramLabel = "FOLDER",
                description = "The folder of the state on disk; default: the current folder.")
        private Path disk = Path.of("").toAbsolutePath();

        @Option(names = "--only", paramLabel = "admission|memory", description = "One of the two; default: both.")
        private String only = "";

        @Option(names = "--check", description = "Exit with status 1 if a target is missed.")
        private boolean check;

        SourcesCommand(PrintStream out, PrintStream err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public Integer call() throws IOException {
            boolean missed = false;
            if (!only.equals("memory")) {
                missed = admissions();
            }
            if (!only.equals("admission")) {
                missed |= memory();
            }
            return check && missed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
        }

        private boolean admissions() throws IOException {
            Map<String, Path> folders = new LinkedHashMap<>();
            try {
                stateFolders(folders, disk);
                List<SourcesBench.Row> rows = SourcesBench.run(pods, folders, rounds, rounds);
                out.println(SourcesReport.table(pods, rows));
                return rows.stream().anyMatch(SourcesReport::missed);
            } finally {
                for (Path folder : folders.values()) {
                    delete(folder);
                }
            }
        }

        private boolean memory() throws IOException {
            Path folder = Files.createTempDirectory("bench");
            try {
                SourcesMemory.Size size = new SourcesMemory.Size(pods, 20, Duration.ofSeconds(20));
                List<Figure> figures =
                        new SourcesMemory(new Programs(folder, launcher()), serveFlags(), size, err::println).run();
                out.print(ProxyReport.figures(figures));
                return figures.stream().anyMatch(Figure::missed);
            } finally {
                delete(folder);
            }
        }
    }

    @Command(
            name = "page",
            description = "What the page and the metrics take while a browser looks, and after.",
            mixinStandardHelpOptions = true)
    private static final class PageCommand implements Callable<Integer> {
        private final PrintStream out;
        private final PrintStream err;

        @Option(names = "--pods", paramLabel = "N", description = "Pods on the node; default: 60.")
        private int pods = 60;

        @Option(names = "--check", description = "Exit with status 1 if a target is missed.")
        private boolean check;

        PageCommand(PrintStream out, PrintStream err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public Integer call() throws IOException {
            return measured(check, folder -> {
                PageBench.Size size = new PageBench.Size(pods, Duration.ofMinutes(1), Duration.ofSeconds(20));
                List<Figure> figures = new PageBench(folder, launcher(), serveFlags(), size, err::println).run();
                return printed(out, figures);
            });
        }
    }

    @Command(
            name = "runtime",
            description = "Lives of pods on a real runtime, by its own socket and through the shim.",
            mixinStandardHelpOptions = true)
    private static final class RuntimeCommand implements Callable<Integer> {
        private final PrintStream out;
        private final PrintStream err;

        @Option(names = "--runtime", required = true, paramLabel = "SOCKET", description = "The runtime's socket.")
        private Path runtime = Path.of("");

        @Option(names = "--image", required = true, paramLabel = "IMAGE", description = "An image that it has.")
        private String image = "";

        @Option(names = "--lives", paramLabel = "N", description = "Lives of each side; default: 200.")
        private int lives = 200;

        RuntimeCommand(PrintStream out, PrintStream err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public Integer call() throws IOException {
            return measured(false, folder -> {
                Programs programs = new Programs(folder, launcher());
                out.print(RuntimeReport.table(
                        new RuntimeBench(programs, runtime, image, err::println).run(lives, lives / 4)));
                return false; // it has no target
            });
        }
    }

    @Command(
            name = "storm",
            description = "Many pods that start at once, straight to a slow runtime and through the shim.",
            mixinStandardHelpOptions = true)
    private static final class StormCommand implements Callable<Integer> {
        private final PrintStream out;
        private final PrintStream err;

        @Option(names = "--pods", paramLabel = "N", description = "Pods that start at once; default: 100.")
        private int pods = 100;

        @Option(
                names = "--create-millis",
                paramLabel = "MS",
                description = "The time that the runtime takes for a container; default: 100.")
        private int createMillis = 100;

        @Option(names = "--rounds", paramLabel = "N", description = "Storms of each side; default: 20.")
        private int rounds = 20;

        @Option(names = "--check", description = "Exit with status 1 if the target is missed.")
        private boolean check;

        StormCommand(PrintStream out, PrintStream err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public Integer call() throws IOException {
            return measured(check, folder -> {
                Programs programs = new Programs(folder, launcher());
                Duration creation = Duration.ofMillis(createMillis);
                return printed(out, new StormBench(programs, pods, creation, err::println).run(rounds));
            });
        }
    }

    @Command(
            name = "scale",
            description = "Admissions, sweeps, state and start of a node with 512 CPUs as its pods become many.",
            mixinStandardHelpOptions = true)
    private static final class ScaleCommand implements Callable<Integer> {
        private final PrintStream out;
        private final PrintStream err;

        @Option(
                names = "--pods",
                paramLabel = "N",
                split = ",",
                description = "Pods that stay on the node; default: 125,250,500,1000.")
        private List<Integer> pods = List.of(125, 250, 500, 1_000);

        @Option(names = "--rounds", paramLabel = "N", description = "Pods that come and go, of each row; default: 500.")
        private int rounds = 500;

        @Option(names = "--check", description = "Exit with status 1 if a target is missed.")
        private boolean check;

        ScaleCommand(PrintStream out, PrintStream err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public Integer call() throws IOException {
            return measured(check, folder -> {
                List<ScaleBench.Row> rows = new ScaleBench(folder, rounds, err::println).run(pods);
                out.print(ScaleReport.table(rows));
                return rows.stream().anyMatch(ScaleReport::missed);
            });
        }
    }

    @Command(
            name = "fleet",
            description = "A large cluster read by one process and by several, each object by exactly one.",
            mixinStandardHelpOptions = true)
    private static final class FleetCommand implements Callable<Integer> {
        private final PrintStream out;
        private final PrintStream err;

        @Option(names = "--nodes", paramLabel = "N", description = "Nodes of the cluster; default: 5000.")
        private int nodes = 5_000;

        @Option(names = "--pods", paramLabel = "N", description = "Pods of the cluster; default: 100000.")
        private int pods = 100_000;

        @Option(
                names = "--readers",
                paramLabel = "N",
                split = ",",
                description = "Processes that share it; default: 1,4,16.")
        private List<Integer> readers = List.of(1, 4, 16);

        FleetCommand(PrintStream out, PrintStream err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public Integer call() throws IOException {
            return measured(false, folder -> {
                out.print(FleetReport.table(new FleetBench(folder, nodes, pods, err::println).run(readers)));
                return false; // it has no target
            });
        }
    }

    /** Prints what it measures. */
    private interface Measurement {
        /** Returns true if a target was missed. */
        boolean misses(Path folder) throws IOException;
    }

    /** Measures in a temporary folder; returns the exit status. */
    private static int measured(boolean check, Measurement measurement) throws IOException {
        Path folder = Files.createTempDirectory("podslice-bench");
        try {
            boolean missed = measurement.misses(folder);
            return check && missed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
        } finally {
            delete(folder);
        }
    }

    /** Prints the figures; returns true if one of them missed its target. */
    private static boolean printed(PrintStream out, List<Figure> figures) {
        out.print(ProxyReport.figures(figures));
        return figures.stream().anyMatch(Figure::missed);
    }

    /** Makes folders for the state, by name: on disk, and in memory if the machine has such a place. */
    private static void stateFolders(Map<String, Path> folders, Path disk) throws IOException {
        Path memory = Path.of("/dev/shm");
        if (Files.isDirectory(memory)) {
            folders.put("tmpfs", Files.createTempDirectory(memory, "podslice-bench"));
        }
        folders.put("disk", Files.createTempDirectory(disk, "podslice-bench"));
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
