package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.agent.NodeRelease;
import io.podslice.agent.StartException;
import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.node.CpuIsolation;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.CallLog;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code podslice release}: the cgroups of a node that podslice leaves are those of a node that never had it. */
class ReleaseTest {
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    private static final Machine MACHINE = Machine.regular(2, 1, 4, 2, 8L << 30);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    /** A node whose kubelet makes the pods' cgroups, as one of Kubernetes 1.34 does. */
    private static final class Node implements AutoCloseable {
        final Path folder;
        final SimulatedCgroups kernel = new SimulatedCgroups(MACHINE);
        final SimulatedRuntime runtime;

        Node(Path folder) throws IOException {
            this.folder = Files.createDirectories(folder);
            runtime = new SimulatedRuntime(
                    folder.resolve("r.sock"),
                    kernel,
                    new SimulatedProcesses(kernel),
                    PodUpdateSupport.UNIMPLEMENTED,
                    InstantSource.system(),
                    new Random(1));
            runtime.addImage("busybox");
            runtime.start();
        }

        /** Runs the pods through a socket; the node's cgroups are made before. */
        void run(String socket) {
            try (CriClient client = new CriClient(folder.resolve(socket), PATIENCE)) {
                KubeletDriver kubelet = new KubeletDriver(
                        client,
                        kernel,
                        KUBEPODS,
                        PodCgroups.BY_KUBELET,
                        new NodeSize(MACHINE.cpus().size(), 16L << 30, List.of()),
                        CallLog.NONE);
                kubelet.prepareNode();
                pods().forEach(kubelet::run);
            }
        }

        /**
         * Returns the values of all files that podslice may write, by file; a list of all CPUs, or of all memory nodes, restricts as
         * little as none.
         */
        Map<String, String> values() {
            Map<String, String> values = new TreeMap<>();
            add(KUBEPODS, values);
            return values;
        }

        private void add(CgroupPath path, Map<String, String> values) {
            for (String file : kernel.files(path)) {
                if (file.startsWith("cpuset.cpus")
                        || file.matches("cpuset.mems|cpu.max|cpu.max.burst|cpu.weight|memory.(min|low|high|max)")) {
                    String value = kernel.read(path, file);
                    boolean isWhole = (file.equals("cpuset.cpus") && value.equals("0-15"))
                            || (file.equals("cpuset.mems") && value.equals("0-1"));
                    values.put(path + "/" + file, isWhole ? "" : value);
                }
            }
            for (String child : kernel.children(path)) {
                add(path.child(child), values);
            }
        }

        @Override
        public void close() {
            runtime.close();
        }
    }

    /** Returns a line for each file that the two nodes do not have alike. */
    private static List<String> differences(Node bare, Node managed) {
        Map<String, String> expected = bare.values();
        Map<String, String> actual = managed.values();
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        return expected.entrySet().stream()
                .filter(file -> !file.getValue().equals(actual.get(file.getKey())))
                .map(file -> file.getKey() + ": " + file.getValue() + ", not " + actual.get(file.getKey()))
                .toList();
    }

    private static List<PodManifest> pods() {
        return List.of(
                DoorFixture.pod("pinned", 8, 6),
                new PodManifest(
                        "plain",
                        "default",
                        "plain-uid",
                        Wants.NONE,
                        List.of(new ContainerManifest(
                                "own", ContainerManifest.Kind.APP, "busybox", Wants.guaranteed(Amounts.of(2, 1)))),
                        Map.of()),
                new PodManifest(
                        "idle",
                        "default",
                        "idle-uid",
                        Wants.NONE,
                        List.of(new ContainerManifest("any", ContainerManifest.Kind.APP, "busybox", Wants.NONE)),
                        Map.of()));
    }

    private static Configuration configuration(Path folder, CpuIsolation isolation) {
        return AgentConfiguration.of(folder.resolve("cri.sock"), folder.resolve("r.sock"), folder.resolve("state"))
                .withIsolation(isolation);
    }

    private static List<String> release(Node node, CpuIsolation isolation) {
        Configuration configuration = configuration(node.folder, isolation);
        return NodeRelease.of(
                configuration,
                new AgentParts(node.kernel, MACHINE, Clock.systemUTC(), (_, _) -> {}),
                DriverFit.of(configuration.cgroups(), node.kernel));
    }

    private static Agent serve(Node node, CpuIsolation isolation) {
        return new Agent(
                configuration(node.folder, isolation),
                new AgentParts(node.kernel, MACHINE, Clock.systemUTC(), (_, _) -> {}));
    }

    @ParameterizedTest
    @EnumSource(names = {"CPUSET", "AUTO"})
    void leavesTheTreeOfANodeWithoutPodslice(CpuIsolation isolation) throws IOException {
        try (Node bare = new Node(folder.resolve("a"));
                Node managed = new Node(folder.resolve("b"))) {
            bare.run("r.sock");
            try (Agent agent = serve(managed, isolation)) {
                managed.run("cri.sock");
                assertThat(agent.parts()).isNotEmpty();
            }
            assertThat(differences(bare, managed)).isNotEmpty();

            assertThat(release(managed, isolation)).isNotEmpty();

            assertThat(differences(bare, managed)).isEmpty();
            assertThat(release(managed, isolation)).isEmpty();
        }
    }

    @Test
    void isRefusedWhilePodsliceRuns() throws IOException {
        try (Node node = new Node(folder.resolve("a"))) {
            try (Agent agent = serve(node, CpuIsolation.CPUSET)) {
                node.run("cri.sock");
                Map<String, String> before = node.values();
                assertThatThrownBy(() -> release(node, CpuIsolation.CPUSET))
                        .isInstanceOf(StartException.class)
                        .hasMessageContaining("another podslice runs with it");
                assertThat(node.values()).isEqualTo(before);
                assertThat(agent.parts()).isNotEmpty();
            }
        }
    }
}
