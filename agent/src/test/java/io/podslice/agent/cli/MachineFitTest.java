package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.agent.StartException;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.agent.machine.MachineFile;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.KernelCgroupFiles;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.node.PlanListener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code plan}, {@code config check} and {@code serve} print equal lines when they refuse one configuration on one
 * machine.
 */
class MachineFitTest {
    private static final String HEADER = "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n";
    private static final Machine ONE_NODE = Machine.regular(1, 1, 4, 2, 16L << 30);
    private static final Machine TWO_NODES =
            Machine.regular(2, 1, 2, 2, 8L << 30).withOffline(CpuSet.parse("7"));
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: one}
            spec:
              containers:
              - {name: a, image: x}
            """;

    @TempDir
    Path folder;

    static String resource(String name) throws IOException {
        try (InputStream file = MachineFitTest.class.getResourceAsStream(name)) {
            assertThat(file).as(name).isNotNull();
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** A machine whose two sockets share a NUMA node. */
    private static Machine moreSocketsThanNodes() {
        return new Machine(
                List.of(new Cpu(0, 0, 0, 0, 0), new Cpu(1, 1, 1, 0, 1)),
                new TreeMap<>(Map.of(0, 1L << 30)),
                new TreeMap<>(),
                new TreeMap<>(),
                CpuSet.empty(),
                CpuSet.empty());
    }

    static Stream<Arguments> misfits() throws IOException {
        return Stream.of(
                Arguments.of(
                        ONE_NODE,
                        resource("reserved-more-than-there-is.yaml"),
                        List.of("reservedMemory numaNode 0: limits.memory 107374182400: the node has only 17179869184"
                                + " bytes")),
                Arguments.of(
                        TWO_NODES,
                        HEADER + "reservedSystemCPUs: \"6-7\"\n"
                                + "reservedMemory: [{numaNode: 2, limits: {hugepages-2Mi: 2Mi}}]\n",
                        List.of(
                                "reservedSystemCPUs \"6-7\": reserved-cpus: 6-7 is not a subset of online-cpus: 0-6;"
                                        + " offline: 7",
                                "reservedMemory numaNode 2: the reserved memory configuration references a NUMA node 2"
                                        + " that does not exist on this machine; it has 0-1")),
                Arguments.of(
                        ONE_NODE.withOnly(CpuSet.parse("4-7")),
                        HEADER + "reservedSystemCPUs: \"0,4\"\n",
                        List.of(
                                "reservedSystemCPUs \"0,4\": reserved-cpus: 0,4 is not a subset of online-cpus: 4-7; not"
                                        + " allowed by the cgroups above pods: 0")),
                Arguments.of(
                        TWO_NODES,
                        HEADER + "reservedSystemCPUs: \"0-6\"\n",
                        List.of("reservedSystemCPUs \"0-6\": leaves none of the CPUs 0-6 to pods")),
                Arguments.of(
                        TWO_NODES,
                        HEADER + "bounds: {sharedPoolCPUs: 8}\n",
                        List.of("bounds.sharedPoolCPUs \"8\": the machine has 7 CPUs online")),
                Arguments.of(
                        moreSocketsThanNodes(),
                        HEADER + "cpuManagerPolicyOptions: {align-by-socket: \"true\"}\n"
                                + "reservedSystemCPUs: \"0-1\"\n",
                        List.of(
                                "reservedSystemCPUs \"0-1\": leaves none of the CPUs 0-1 to pods",
                                "Align by socket is not compatible with hardware where number of sockets are more than"
                                        + " number of NUMA")));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void threeCommandsRefuseInTheSameWords(Machine machine, String yaml, List<String> problems) throws IOException {
        Path config = write("c.yaml", yaml);
        Path on = write("m.json", MachineFile.text(machine));
        Path pod = write("pod.yaml", POD);
        String named = config + ": " + String.join("\n" + config + ": ", problems) + "\n";

        assertThat(CommandLineRun.of(
                        "plan", "--machine", on.toString(), "--config", config.toString(), "--pod", pod.toString()))
                .isEqualTo(new CommandLineRun(2, "", named));
        assertThat(CommandLineRun.of("config", "check", "--machine", on.toString(), config.toString()))
                .isEqualTo(new CommandLineRun(1, "", named.replace(config + ": ", "error: " + config + ": ")));
        assertThatThrownBy(() -> serve(machine, yaml))
                .isInstanceOfSatisfying(
                        StartException.class,
                        refused -> assertThat(refused.problems()).isEqualTo(problems));
    }

    private void serve(Machine machine, String yaml) {
        ConfigurationFile read = ConfigurationFile.parse(yaml + """
                shim: {listen: "unix://%1$s/cri.sock", runtime: "unix://%1$s/runtime.sock"}
                state: {dir: "%1$s/state"}
                """.formatted(folder));
        assertThat(read.errors()).isEmpty();
        new Agent(
                        read.configuration(),
                        new AgentParts(new KernelCgroupFiles(folder), machine, Clock.systemUTC(), PlanListener.NONE))
                .close();
    }

    @Test
    void serveFindsTheCpusThatTheCgroupsAbovePodsDoNotAllow() throws IOException {
        Path kubepods = Files.createDirectories(folder.resolve("kubepods"));
        Files.writeString(kubepods.resolve("cpuset.cpus.effective"), "4-7\n");

        assertThatThrownBy(() -> serve(ONE_NODE, HEADER + "reservedSystemCPUs: \"0\"\n"))
                .isInstanceOfSatisfying(
                        StartException.class,
                        refused -> assertThat(refused.problems())
                                .containsExactly("reservedSystemCPUs \"0\": reserved-cpus: 0 is not a subset of"
                                        + " online-cpus: 4-7; not allowed by the cgroups above pods: 0"));
    }

    @Test
    void planAndConfigCheckSayWhichCpusPodsCanUseWhereTheseAreNotAll() throws IOException {
        Path config = write("c.yaml", HEADER);
        Path on = write("m.json", MachineFile.text(ONE_NODE.withOnly(CpuSet.parse("4-7"))));
        Path pod = write("pod.yaml", POD);
        String note = "note: pods can use CPUs 4-7 of the 0-7 online: the cgroups above them allow no others"
                + " (cpuset.cpus.effective)\n";

        assertThat(CommandLineRun.of("plan", "--machine", on.toString(), "--pod", pod.toString())
                        .err())
                .isEqualTo(note);
        assertThat(CommandLineRun.of("config", "check", "--machine", on.toString(), config.toString()))
                .isEqualTo(new CommandLineRun(0, config + ": ok\n", note));
        assertThat(CommandLineRun.of("machine", "--machine", on.toString()).out())
                .contains("barred CPUs  0-3, which the cgroups above pods do not allow");
    }

    @Test
    void configCheckReadsTheMachineThatServeWouldRead() throws IOException {
        Path config = write("c.yaml", HEADER + "reservedSystemCPUs: \"0,60000\"\n");
        CommandLineRun here = CommandLineRun.of("config", "check", config.toString());
        assertThat(here.status()).isEqualTo(1);
        assertThat(here.err())
                .startsWith("error: " + config + ": reservedSystemCPUs \"0,60000\": reserved-cpus: 0,60000 is not a"
                        + " subset of online-cpus: ");
    }

    @Test
    void configCheckSaysWhatItCouldNotCheck() throws IOException {
        Path config = write("c.yaml", HEADER + "cgroups: {sysfs: \"" + folder + "/none\"}\n");
        CommandLineRun nowhere = CommandLineRun.of("config", "check", config.toString());
        assertThat(nowhere.status()).isZero();
        assertThat(nowhere.out()).isEqualTo(config + ": ok\n");
        assertThat(nowhere.err())
                .startsWith(
                        "note: " + config + ": reservedSystemCPUs, reservedMemory and cpuManagerPolicyOptions are not"
                                + " checked against a machine: cgroups.sysfs " + folder + "/none cannot be read: ")
                .contains("; name a machine with --machine\n");

        assertThat(CommandLineRun.of("config", "check", "--machine", folder + "/none", config.toString()))
                .isEqualTo(new CommandLineRun(2, "", "error: " + folder + "/none: no such file\n"));
    }

    @Test
    void configCheckSaysThatNothingWouldBeDecidedWithoutCgroup2() throws IOException {
        Path config = write("c.yaml", HEADER + "cgroups: {root: \"" + folder + "\"}\n");
        CommandLineRun here = CommandLineRun.of("config", "check", config.toString());
        assertThat(here.status()).isZero();
        assertThat(here.err())
                .contains("note: " + config + ": cgroups.root " + folder + ": is ")
                .endsWith(
                        ", must be a cgroup v2 mount (cgroup2); here pods that ask something of podslice would be refused, others"
                                + " would pass\n");
        Path on = write("m.json", MachineFile.text(ONE_NODE));
        assertThat(CommandLineRun.of("config", "check", "--machine", on.toString(), config.toString())
                        .err())
                .doesNotContain("cgroups.root");
    }

    @Test
    void aMachineFileWithoutMemoryLeavesReservedMemoryUnchecked() throws IOException {
        Path config = write("c.yaml", resource("reserved-more-than-there-is.yaml"));
        Path on = write("m.json", "{\"cpus\": [[0,0,0,0,0],[1,1,0,0,0]]}");
        Path pod = write("pod.yaml", POD);
        String note = "note: " + config + ": reservedMemory is not checked: the machine's memory is not known\n";

        assertThat(CommandLineRun.of("config", "check", "--machine", on.toString(), config.toString()))
                .isEqualTo(new CommandLineRun(0, config + ": ok\n", note));
        CommandLineRun plan = CommandLineRun.of(
                "plan", "--machine", on.toString(), "--config", config.toString(), "--pod", pod.toString());
        assertThat(plan.status()).isZero();
        assertThat(plan.err()).isEqualTo(note);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
