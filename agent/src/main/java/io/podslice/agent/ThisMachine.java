package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.KernelCgroupFiles;
import io.podslice.cgroups.machine.Kernel;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.machine.SysfsDevices;
import io.podslice.cgroups.machine.SysfsMachine;
import io.podslice.cgroups.systemd.BusManager;
import io.podslice.cgroups.systemd.SystemdManager;
import io.podslice.grpc.UnixSocket;
import io.podslice.node.PlanListener;
import io.podslice.shim.ShimOptions;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of the machine on which podslice runs: its cgroup v2 tree, CPUs, memory, devices, systemd and runtime. */
final class ThisMachine {
    private static final Logger LOG = LoggerFactory.getLogger(ThisMachine.class);

    /** The time for which a start waits for a runtime that is not up, where nothing else tells the cgroup driver. */
    static final Duration RUNTIME_PATIENCE = Duration.ofSeconds(30);

    private ThisMachine() {}

    /**
     * Returns the parts of this machine, which has cgroup v2.
     *
     * @throws StartException if the machine cannot be read
     */
    static AgentParts parts(Configuration configuration) {
        Configuration.Cgroups paths = configuration.cgroups();
        Machine machine = machine(paths);
        Kernel kernel = kernel(paths);
        warning(kernel, configuration).ifPresent(LOG::warn);
        return new AgentParts(
                new KernelCgroupFiles(paths.root(), kernel.pageBytes()),
                machine,
                new SysfsSource(paths.sysfs(), paths.procfs()),
                new SysfsDevices(machine, paths.sysfs())::numaNodes,
                Clock.systemUTC(),
                PlanListener.NONE,
                kernel.pageBytes(),
                ThisMachine::systemd,
                Optional.empty());
    }

    /**
     * Finds the cgroup driver of this machine.
     *
     * @param files its cgroup v2 tree
     * @throws StartException if the driver cannot spell {@code cgroups.kubepods}
     */
    static DriverFit driver(Configuration configuration, CgroupFiles files) {
        CgroupDriver otherwise = DriverSearch.systemdRuns() ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
        return new DriverSearch(configuration.cgroups(), files, runtime(configuration.shim()))
                .find(RUNTIME_PATIENCE, otherwise);
    }

    /** Returns the runtime's socket. */
    static UnixSocket runtime(Configuration.Shim door) {
        return new UnixSocket(
                "the runtime", door.runtime(), ShimOptions.defaults().connectTimeout());
    }

    private static Optional<SystemdManager> systemd() {
        return DriverSearch.systemdRuns() ? Optional.of(BusManager.system()) : Optional.empty();
    }

    private static Kernel kernel(Configuration.Cgroups paths) {
        try {
            return Kernel.read(paths.procfs());
        } catch (IOException e) {
            throw StartException.failed(
                    "cgroups.procfs " + paths.procfs() + ": the kernel's version and page size cannot be read: "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * Returns a warning where memory.high is used on a kernel older than 5.9, in the kubelet's words; memory.high can
     * livelock a process there (torvalds/linux b3ff92916af3).
     */
    static Optional<String> warning(Kernel kernel, Configuration configuration) {
        return configuration.memory().throttlingFactor().isPresent() && kernel.isBefore(5, 9)
                ? Optional.of("kernel " + kernel.release() + " is older than 5.9: MemoryQoS memory.high throttling may"
                        + " cause process livelock on older kernels")
                : Optional.empty();
    }

    private static Machine machine(Configuration.Cgroups paths) {
        try {
            return SysfsMachine.read(paths.sysfs(), paths.procfs());
        } catch (IOException e) {
            throw StartException.failed(
                    "cgroups.sysfs " + paths.sysfs() + ": the machine cannot be read: " + e.getMessage(), e);
        }
    }
}
