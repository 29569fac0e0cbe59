package io.podslice.cgroups.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SysfsDevicesTest {
    private static final String PCI = "devices/pci0000:00/0000:00:02.0";

    @TempDir
    private Path sysfs;

    /** 2 NUMA nodes: CPUs 0-7 and 8-15. */
    private final Machine machine = Machine.regular(2, 1, 8, 1, 1L << 30);

    @BeforeEach
    void unpack() throws IOException {
        RealMachine.unpack("pci-display", sysfs);
        link("bus/pci/devices/0000:00:02.0", PCI);
        link("dev/char/226:1", PCI + "/drm/card1");
        link("dev/char/1:3", "devices/virtual/mem/null");
    }

    private void link(String from, String to) throws IOException {
        Path link = sysfs.resolve(from);
        Path folder = link.resolveSibling("");
        Files.createDirectories(folder);
        Files.createSymbolicLink(link, folder.relativize(sysfs.resolve(to)));
    }

    private SysfsDevices devices(Machine machine) {
        return new SysfsDevices(machine, sysfs);
    }

    @Test
    void whereTheFirmwareNamesNoNodeTheLocalCpusTell() throws IOException {
        assertThat(devices(machine).numaNodes("0000:00:02.0")).isEqualTo(CpuSet.of(0));
    }

    @Test
    void theNodeThatTheFirmwareNamesCounts() throws IOException {
        Files.writeString(sysfs.resolve(PCI).resolve("numa_node"), "1\n");

        assertThat(devices(machine).numaNodes("0000:00:02.0")).isEqualTo(CpuSet.of(1));
    }

    @Test
    void aDeviceFileIsLocalToTheDeviceAboveIt() throws IOException {
        assertThat(devices(machine).numaNodesOf("226:1")).isEqualTo(CpuSet.of(0));
    }

    @Test
    void whereAllCpusAreLocalNoNodeIs() throws IOException {
        Machine small = Machine.regular(1, 2, 4, 1, 1L << 30);

        assertThat(devices(small).numaNodes("0000:00:02.0")).isEqualTo(CpuSet.empty());
        assertThat(devices(machine).numaNodes("/dev/null")).isEqualTo(CpuSet.empty());
    }

    @Test
    void whatIsNoDeviceIsNamed() {
        SysfsDevices devices = devices(machine);
        assertThatThrownBy(() -> devices.numaNodes("0000:ff:02.0"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("device \"0000:ff:02.0\": ")
                .hasMessageEndingWith(": no such file");
        assertThatThrownBy(() -> devices.numaNodes("/dev/no-such-device"))
                .hasMessage("device \"/dev/no-such-device\": no such device");
        assertThatThrownBy(() -> devices.numaNodes("/dev/shm")).hasMessage("device \"/dev/shm\": no such device");
        assertThatThrownBy(() -> devices.numaNodes("gpu0"))
                .hasMessage("device \"gpu0\": must be a path below /dev or a PCI address such as 0000:3b:00.0");
        assertThatThrownBy(() -> devices.numaNodes("/dev/../etc/passwd")).isInstanceOf(IOException.class);
    }
}
