package io.podslice.integration.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.config.MemoryReservationPolicy;
import io.podslice.agent.machine.MachineArgument;
import io.podslice.agent.manifest.Manifests;
import io.podslice.agent.manifest.Pod;
import io.podslice.agent.plan.NodePlan;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import io.podslice.simulator.kubelet.PodCgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node that runs the pods of a plan has every file value and every refusal that the plan prints. */
class PlanIsWhatTheNodeDoesTest {
    private static final Path KEP = Path.of("../docs/kep-5526");
    private static final Path DEMO = Path.of("src/main/resources/io/podslice/integration/demo/pods.yaml");
    private static final long PAGE_BYTES = 4096;

    /** Compares plan and node, and returns the number of files compared. */
    private static int compare(Machine machine, Configuration configuration, List<Pod> pods, PodCgroups by)
            throws IOException {
        NodePlan plan = NodePlan.of(machine, configuration, pods, PAGE_BYTES);
        Path folder = Files.createTempDirectory("plan");
        try (PlannedNode node = new PlannedNode(folder, machine, configuration, by)) {
            assertThat(node.differences(plan)).isEmpty();
            return node.compared();
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static List<Pod> read(Path file, int before) throws IOException, DocumentException {
        return Manifests.read(file.toString(), Files.readString(file), before).pods();
    }

    @ParameterizedTest
    @CsvSource({"scope-pod, BY_RUNTIME", "scope-container, BY_RUNTIME", "scope-pod, BY_KUBELET"})
    void forTheKepsPods(String scope, PodCgroups by) throws IOException, DocumentException {
        Configuration configuration =
                ConfigurationFile.read(KEP.resolve(scope + ".yaml")).configuration();
        Machine machine = MachineArgument.read(KEP.resolve("node.json").toString());
        List<Pod> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(KEP)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".yaml") && !name.startsWith("scope-")) {
                    List<Pod> pods = read(file, all.size());
                    all.addAll(pods);
                    compare(machine, configuration, pods, by);
                }
            }
        }
        assertThat(compare(machine, configuration, all, by)).isGreaterThan(60);
    }

    @ParameterizedTest
    @CsvSource({"BY_RUNTIME", "BY_KUBELET"})
    void forTheDemosPods(PodCgroups by) throws IOException, DocumentException {
        Machine machine = Machine.regular(2, 1, 8, 2, 64L << 30).withHugepages(0, 2 << 20, 512);

        assertThat(compare(machine, Configuration.DEFAULT, read(DEMO, 0), by)).isGreaterThan(40);
    }

    @RepeatedTest(24)
    void forAnyPods(RepetitionInfo repetition) throws IOException, DocumentException {
        Random random = new Random(repetition.getCurrentRepetition());
        Configuration base = Configuration.DEFAULT;
        PlacementPolicy policy = base.policy()
                .withTopologyManager(oneOf(random, TopologyPolicy.values()), oneOf(random, TopologyScope.values()));
        Configuration.Memory memory = random.nextBoolean()
                ? base.memory()
                : new Configuration.Memory(
                        OptionalDouble.of(0.9),
                        MemoryReservationPolicy.TIERED_RESERVATION,
                        MemoryQosVersion.V1_37,
                        random.nextInt(20));
        Configuration configuration = new Configuration(
                policy,
                memory,
                base.cpuCfsQuotaPeriod(),
                base.shim(),
                base.nri(),
                base.cgroups(),
                base.api(),
                base.stateDir(),
                base.bounds(),
                base.isolation(),
                base.cluster());
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            text.append(pod(random, i));
        }
        List<Pod> pods = Manifests.read("pods.yaml", text.toString(), 0).pods();

        assertThat(compare(
                        Machine.regular(2, 1, 4, 2, 8L << 30), configuration, pods, oneOf(random, PodCgroups.values())))
                .isGreaterThan(40);
    }

    private static <T> T oneOf(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }

    private static String pod(Random random, int number) {
        boolean hasBudget = random.nextInt(3) > 0;
        StringBuilder containers = new StringBuilder();
        StringBuilder annotations = new StringBuilder();
        int budget = 1 + random.nextInt(6);
        int left = budget;
        for (String name : Arrays.asList("a", "b", "c").subList(0, 1 + random.nextInt(3))) {
            int cpus = random.nextInt(Math.min(3, left) + 1);
            left -= cpus;
            containers
                    .append("  - {name: ")
                    .append(name)
                    .append(resources(random, cpus))
                    .append("}\n");
            if (cpus > 0 && random.nextInt(5) == 0) {
                annotations.append("podslice.io/exclusive." + name + ": \"" + random.nextBoolean() + "\", ");
            }
        }
        String amounts = "{cpu: " + budget + ", memory: 2Gi}";
        return "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p" + number + ", annotations: {" + annotations + "}}\n"
                + "spec:\n"
                + (hasBudget ? "  resources: {limits: " + amounts + ", requests: " + amounts + "}\n" : "")
                + (random.nextBoolean() ? "  initContainers:\n  - {name: side, restartPolicy: Always}\n" : "")
                + "  containers:\n" + containers;
    }

    private static String resources(Random random, int cpus) {
        if (cpus == 0) {
            return random.nextBoolean() ? "" : ", resources: {requests: {memory: 64Mi}}";
        }
        return random.nextInt(3) > 0
                ? ", resources: {limits: {cpu: " + cpus + ", memory: 256Mi}}"
                : ", resources: {requests: {cpu: " + cpus + ", memory: 128Mi}}";
    }
}
