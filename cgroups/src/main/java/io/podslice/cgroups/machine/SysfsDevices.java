package io.podslice.cgroups.machine;

import io.podslice.cgroups.CpuSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Reads from sysfs the NUMA nodes that devices are local to. */
public final class SysfsDevices {
    private static final Pattern PCI_ADDRESS = Pattern.compile("[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

    private final Machine machine;
    private final Path sysfs;

    /** @param sysfs mount point of sysfs, normally {@code /sys} */
    public SysfsDevices(Machine machine, Path sysfs) {
        this.machine = machine;
        this.sysfs = sysfs;
    }

    /**
     * Returns the NUMA nodes that a device is local to: the node that the firmware names, else those of its local CPUs.
     * Empty where the device is equally near to all nodes.
     *
     * @param device a PCI address such as {@code 0000:3b:00.0}, or the path of a device file such as {@code /dev/dri/card1}
     * @throws IOException naming the device if there is no such device, or sysfs does not know it
     */
    public CpuSet numaNodes(String device) throws IOException {
        if (PCI_ADDRESS.matcher(device).matches()) {
            return locality(device, sysfs.resolve("bus/pci/devices").resolve(device));
        }
        if (!device.startsWith("/dev/")
                || !Path.of(device).normalize().toString().equals(device)) {
            throw new IOException(
                    "device \"" + device + "\": must be a path below /dev or a PCI address such as" + " 0000:3b:00.0");
        }
        return locality(device, sysfs.resolve("dev/char").resolve(number(Path.of(device))));
    }

    /** Returns the NUMA nodes of a character device by its number, e.g. {@code 226:1}. */
    CpuSet numaNodesOf(String number) throws IOException {
        return locality(number, sysfs.resolve("dev/char").resolve(number));
    }

    /**
     * Returns a device file's major and minor number, e.g. {@code 226:1}, from their places in {@code st_rdev}
     * (makedev(3)).
     */
    private static String number(Path file) throws IOException {
        long rdev;
        try {
            rdev = ((Number) Files.getAttribute(file, "unix:rdev")).longValue();
        } catch (NoSuchFileException e) {
            throw new IOException("device \"" + file + "\": no such device", e);
        }
        if (rdev == 0) {
            throw new IOException("device \"" + file + "\": no such device");
        }
        long major = ((rdev >>> 8) & 0xfff) | ((rdev >>> 32) & ~0xfffL);
        long minor = (rdev & 0xff) | ((rdev >>> 12) & ~0xffL & 0xffffffffL);
        return major + ":" + minor;
    }

    /**
     * Reads the locality of the device, or of the nearest device above it that has one; a display is below its PCI
     * device.
     */
    private CpuSet locality(String device, Path link) throws IOException {
        Path folder;
        try {
            folder = link.toRealPath();
        } catch (NoSuchFileException e) {
            throw new IOException("device \"" + device + "\": " + link + ": no such file", e);
        }
        Path devices = sysfs.toRealPath().resolve("devices");
        for (Path at = folder; at != null && !at.equals(devices); at = at.getParent()) {
            SysfsFolder here = new SysfsFolder(at);
            if (here.has("numa_node")) {
                return nodes(here);
            }
        }
        return CpuSet.empty();
    }

    private CpuSet nodes(SysfsFolder device) throws IOException {
        int node = device.number("numa_node");
        if (node >= 0) {
            return CpuSet.of(node);
        }
        CpuSet local = device.has("local_cpulist")
                ? device.list("local_cpulist").intersection(machine.cpuSet())
                : CpuSet.empty();
        return local.containsAll(machine.cpuSet()) ? CpuSet.empty() : machine.nodesOf(local);
    }
}
