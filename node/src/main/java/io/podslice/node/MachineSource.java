package io.podslice.node;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.io.IOException;

/** Reads the machine's hardware as it is at the moment: CPUs go offline and come online while podslice runs. */
public interface MachineSource {

    /** Reads which CPUs are online; asked in each sweep, so it should cost no more than reading a file. */
    CpuSet online() throws IOException;

    /** Reads the machine; asked when other CPUs are online than before. */
    Machine read() throws IOException;

    /** Returns the source of a machine whose CPUs neither come nor go. */
    static MachineSource unchanging(Machine machine) {
        return new MachineSource() {
            @Override
            public CpuSet online() {
                return machine.cpuSet();
            }

            @Override
            public Machine read() {
                return machine;
            }
        };
    }
}
