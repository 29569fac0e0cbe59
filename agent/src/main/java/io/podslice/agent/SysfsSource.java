package io.podslice.agent;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.machine.SysfsMachine;
import io.podslice.node.MachineSource;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads this machine's hardware from the kernel.
 *
 * @param sysfs root of sysfs
 * @param procfs root of procfs
 */
record SysfsSource(Path sysfs, Path procfs) implements MachineSource {

    @Override
    public CpuSet online() throws IOException {
        return SysfsMachine.online(sysfs);
    }

    @Override
    public Machine read() throws IOException {
        return SysfsMachine.read(sysfs, procfs);
    }
}
