package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.machine.MachineFile;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineCommandTest {
    private static final Machine MACHINE = Machine.regular(2, 1, 4, 2, 96L << 29)
            .withHugepages(1, 2 << 20, 512)
            .withOffline(CpuSet.of(7, 15))
            .withIsolated(CpuSet.of(3));

    @TempDir
    Path folder;

    @Test
    void showsAMachineToPeople() throws IOException {
        Path file = Files.writeString(folder.resolve("m.json"), MachineFile.text(MACHINE));
        assertThat(CommandLineRun.of("machine", "--machine", file.toString()))
                .isEqualTo(new CommandLineRun(0, """
                        14 CPUs online, 7 cores, 2 L3 caches, 2 NUMA nodes, 2 sockets

                        NUMA node  socket  cores  L3  memory  hugepages   distances  CPUs
                        0          0       4      1   48Gi                10 21      0-3,8-11
                        1          1       3      1   48Gi    512 of 2Mi  21 10      4-6,12-14

                        offline CPUs   7,15
                        isolated CPUs  3, which no pod gets
                        """, ""));
    }

    @Test
    void writesAMachineFileThatItReadsAgain() throws IOException {
        Path file = Files.writeString(folder.resolve("m.json"), MachineFile.text(MACHINE));
        CommandLineRun run = CommandLineRun.of("machine", "--machine", file.toString(), "-o", "json");
        assertThat(run).isEqualTo(new CommandLineRun(0, MachineFile.text(MACHINE), ""));
    }

    @Test
    void readsACopyOfSysAndOneOfTheRoot() throws IOException {
        Path sys = folder.resolve("root/sys");
        Files.createDirectories(sys.resolve("devices/system/cpu"));
        Files.writeString(sys.resolve("devices/system/cpu/online"), "0-1\n");
        Files.createDirectories(folder.resolve("root/proc"));
        Files.writeString(folder.resolve("root/proc/meminfo"), "MemTotal: 1024 kB\n");
        CommandLineRun ofSys = CommandLineRun.of("machine", "--sysfs", sys.toString(), "-o", "json");
        assertThat(ofSys.out()).contains("[0,0,0,0,-1], [1,1,0,0,-1]").contains("\"0\": \"1Mi\"");
        assertThat(CommandLineRun.of(
                        "machine", "--sysfs", folder.resolve("root").toString(), "-o", "json"))
                .isEqualTo(ofSys);
    }

    @Test
    void aMachineWithoutAnL3CacheIsNotSaidToHaveOne() throws IOException {
        Path file = Files.writeString(
                folder.resolve("m.json"), "{\"cpus\": [[0,0,0,0,-1], [1,1,0,0,-1]], \"memory\": {\"0\": \"1Gi\"}}");

        assertThat(CommandLineRun.of("machine", "--machine", file.toString()))
                .isEqualTo(new CommandLineRun(0, """
                        2 CPUs online, 2 cores, no L3 cache, 1 NUMA node, 1 socket

                        NUMA node  socket  cores  memory  hugepages  distances  CPUs
                        0          0       2      1Gi                           0-1
                        """, ""));
        assertThat(CommandLineRun.of("machine", "--machine", file.toString(), "-o", "json")
                        .out())
                .contains("[0,0,0,0,-1], [1,1,0,0,-1]");
    }

    @Test
    void showsThisMachine() {
        CommandLineRun run = CommandLineRun.of("machine");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("NUMA node");
    }

    @Test
    void saysWhatCannotBeRead() {
        assertThat(CommandLineRun.of("machine", "--sysfs", folder.toString()))
                .isEqualTo(
                        new CommandLineRun(2, "", folder + ": has no devices/system/cpu, so it is no copy of /sys\n"));
        assertThat(CommandLineRun.of("machine", "--machine", folder + "/m.json"))
                .isEqualTo(new CommandLineRun(2, "", folder + "/m.json: no such file\n"));
        assertThat(CommandLineRun.of("machine", "-o", "yaml").err()).contains("\"yaml\": must be table or json");
    }
}
