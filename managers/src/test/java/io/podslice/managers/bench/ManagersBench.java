package io.podslice.managers.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/** {@code bin/bench managers}: the costs of decisions, as tables, against the targets. */
public final class ManagersBench {
    private static final String USAGE = """
            usage: bin/bench managers [--quick] [--check] [--growth FILE.svg]
              --quick   in about a minute: fewer rows, less exact
              --check   exit status 1 if a target is missed
              --growth  instead: what decisions cost as the machine and the pods grow, as a plot and its table
            """;

    private static final List<CostTable> TARGETS = List.of(
            new CostTable(
                    "Taking CPUs: 512 CPUs, 2 sockets, 16 NUMA nodes, SMT2, L3 caches of 16 CPUs; none or half in use",
                    TakeBenchmark.class,
                    List.of("machine", "request", "strategy"),
                    Map.of(),
                    100,
                    20_000),
            new CostTable(
                    "Making and merging the hints of 4 providers",
                    MergeBenchmark.class,
                    List.of("numaNodes", "needed", "policy", "closest"),
                    Map.of(),
                    1000,
                    Double.POSITIVE_INFINITY),
            new CostTable(
                    "Admitting a pod of 10 containers: 512 CPUs, 16 NUMA nodes",
                    AdmissionBenchmark.class,
                    List.of("pods", "scope", "podLevel"),
                    Map.of(),
                    1000,
                    Double.POSITIVE_INFINITY));

    /** The parameters that a quick run leaves out. */
    private static final Map<String, List<String>> QUICK = Map.of(
            "needed", List.of("4"), "policy", List.of("BEST_EFFORT", "SINGLE_NUMA_NODE"), "pods", List.of("500"));

    private static final List<Growth> GROWTH = List.of(
            new Growth(
                    new CostTable(
                            "Taking 8 CPUs of a machine half in use",
                            TakeBenchmark.class,
                            List.of("cpus", "strategy"),
                            Map.of(
                                    "cpus", List.of("64", "128", "256", "512", "1024", "2048"),
                                    "machine", List.of("half"),
                                    "request", List.of("8")),
                            100,
                            20_000),
                    "CPUs"),
            new Growth(
                    new CostTable(
                            "Merging the hints of 4 providers",
                            MergeBenchmark.class,
                            List.of("numaNodes", "needed", "closest"),
                            Map.of(
                                    "numaNodes", List.of("8", "16", "32", "64", "128"),
                                    "policy", List.of("BEST_EFFORT")),
                            1000,
                            Double.POSITIVE_INFINITY),
                    "NUMA nodes"),
            new Growth(
                    new CostTable(
                            "Admitting a pod of 10 containers",
                            AdmissionBenchmark.class,
                            List.of("pods", "scope", "podLevel"),
                            Map.of("pods", List.of("125", "250", "500", "1000", "2000")),
                            1000,
                            Double.POSITIVE_INFINITY),
                    "pods on the node"));

    private ManagersBench() {}

    /** Exit status 0: measured; 1: a target was missed and {@code --check} given; 2: an unknown argument. */
    public static void main(String[] args) throws RunnerException, IOException {
        List<String> asked = new ArrayList<>(Arrays.asList(args));
        boolean quick = asked.remove("--quick");
        boolean check = asked.remove("--check");
        if (asked.equals(List.of("--help"))) {
            System.out.print(USAGE);
        } else if (asked.isEmpty()) {
            boolean met = true;
            for (CostTable table : TARGETS) {
                met &= (quick ? table.with(QUICK) : table)
                        .run(quick, System.out)
                        .met();
            }
            System.exit(met || !check ? 0 : 1);
        } else if (asked.size() == 2 && asked.getFirst().equals("--growth") && !check) {
            List<GrowthPlot.Panel> panels = new ArrayList<>();
            for (Growth growth : GROWTH) {
                panels.add(growth.measure(quick, System.out));
            }
            Files.writeString(Path.of(asked.getLast()), GrowthPlot.svg(panels));
        } else {
            System.err.print(USAGE);
            System.exit(2);
        }
    }
}
