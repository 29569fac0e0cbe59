package io.podslice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.ConfigurationFile;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.KernelCgroupFiles;
import io.podslice.cgroups.machine.Kernel;
import io.podslice.cgroups.machine.Machine;
import io.podslice.node.PlanListener;
import io.podslice.shim.socket.ListenException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Problems at the start are told in lines with field and value, and a failed start leaves nothing behind. */
class AgentStartTest {
    private static final Machine MACHINE = Machine.regular(2, 1, 2, 2, 8L << 30).withOffline(CpuSet.parse("7"));

    @TempDir
    private Path folder;

    private Configuration configuration(String... lines) {
        ConfigurationFile file = ConfigurationFile.parse("""
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                shim: {listen: "unix://%1$s/cri.sock", runtime: "unix://%1$s/runtime.sock"}
                """.formatted(folder) + String.join("\n", lines) + "\n");
        assertThat(file.errors()).isEmpty();
        return file.configuration();
    }

    private String state(String path) {
        return "state: {dir: \"" + folder.resolve(path) + "\"}";
    }

    private Agent start(Configuration configuration) throws IOException {
        Path cgroups = Files.createDirectories(folder.resolve("cgroups"));
        return new Agent(
                configuration,
                new AgentParts(new KernelCgroupFiles(cgroups), MACHINE, Clock.systemUTC(), PlanListener.NONE));
    }

    private void expect(boolean misconfigured, List<String> problems, Configuration configuration) {
        assertThatThrownBy(() -> start(configuration)).isInstanceOfSatisfying(StartException.class, e -> {
            assertThat(e.problems()).isEqualTo(problems);
            assertThat(e.isMisconfigured()).isEqualTo(misconfigured);
        });
        assertThat(folder.resolve("cri.sock")).doesNotExist();
    }

    @Test
    void memoryHighOnAnOldKernelIsWarnedOf() {
        Configuration throttling = configuration("memoryThrottlingFactor: 0.9");
        Kernel old = new Kernel("5.8.18-generic", 5, 8, 4096);

        assertThat(ThisMachine.warning(old, throttling))
                .hasValue("kernel 5.8.18-generic is older than 5.9: MemoryQoS memory.high throttling may cause process"
                        + " livelock on older kernels");
        assertThat(ThisMachine.warning(old, configuration("memoryReservationPolicy: TieredReservation")))
                .isEmpty();
        assertThat(ThisMachine.warning(new Kernel("5.9.0", 5, 9, 4096), throttling))
                .isEmpty();
    }

    static Stream<Arguments> reservations() {
        return Stream.of(
                arguments(
                        "reservedSystemCPUs: \"0,12-13\"",
                        List.of("reservedSystemCPUs \"0,12-13\": reserved-cpus: 0,12-13 is not a subset of"
                                + " online-cpus: 0-6")),
                arguments(
                        "reservedSystemCPUs: \"6-7\"",
                        List.of("reservedSystemCPUs \"6-7\": reserved-cpus: 6-7 is not a subset of online-cpus: 0-6;"
                                + " offline: 7")),
                arguments(
                        "reservedSystemCPUs: \"0-6\"",
                        List.of("reservedSystemCPUs \"0-6\": leaves none of the CPUs 0-6 to pods")),
                arguments(
                        "reservedMemory: [{numaNode: 2, limits: {memory: 1Gi}}, {numaNode: 1, limits: {memory: 9Gi}}]",
                        List.of(
                                "reservedMemory numaNode 1: limits.memory 9663676416: the node has only 8589934592"
                                        + " bytes",
                                "reservedMemory numaNode 2: the reserved memory configuration references a NUMA node 2"
                                        + " that does not exist on this machine; it has 0-1")));
    }

    @ParameterizedTest
    @MethodSource("reservations")
    void whatTheMachineHasNotCannotBeReserved(String line, List<String> problems) {
        expect(true, problems, configuration(line, state("state")));
        assertThat(folder.resolve("state")).doesNotExist();
    }

    @Test
    void whatTheMachineHasCanBeReserved() throws IOException {
        try (Agent agent = start(configuration(
                "reservedSystemCPUs: \"0,4\"",
                "reservedMemory: [{numaNode: 1, limits: {memory: 8Gi}}]",
                state("state")))) {
            assertThat(agent).isNotNull();
            assertThat(folder.resolve("cri.sock")).exists();
        }
    }

    @Test
    void aFileInPlaceOfTheStatesFolder() throws IOException {
        Files.createFile(folder.resolve("file"));
        expect(
                false,
                List.of("state.dir " + folder.resolve("file") + ": " + folder.resolve("file")
                        + " is there and is no folder"),
                configuration(state("file")));
        expect(
                false,
                List.of("state.dir " + folder.resolve("file/state") + ": cannot make the folder: "
                        + folder.resolve("file/state") + ": Not a directory"),
                configuration(state("file/state")));
    }

    /**
     * The folder cannot be written, not even by root: pods that ask nothing of podslice have their runtime all the
     * same.
     */
    @Test
    void aStatesFolderThatCannotBeWrittenIsNoReasonNotToStart() throws IOException {
        try (Agent agent = start(configuration("state: {dir: /sys}"))) {
            assertThat(agent).isNotNull();
            assertThat(folder.resolve("cri.sock")).exists();
        }
    }

    @Test
    void aFileSystemThatCannotBeWritten() {
        // No user can make a folder there, not even root.
        expect(
                false,
                List.of("state.dir /proc/podslice: cannot make the folder: no such folder: /proc/podslice"),
                configuration("state: {dir: /proc/podslice}"));
    }

    /** The second podslice's brain must not touch the pods that the first manages. */
    @Test
    void aSecondPodsliceEndsBeforeItOpensItsBrain() throws IOException {
        try (Agent first = start(configuration(state("state")))) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> start(configuration("reservedSystemCPUs: \"99\"", state("other"))))
                    .isInstanceOf(ListenException.class)
                    .hasMessageStartingWith(
                            "shim.listen unix://" + folder + "/cri.sock: another process listens there");
            assertThat(folder.resolve("other")).doesNotExist();
            assertThat(folder.resolve("cri.sock")).exists();
        }
    }
}
