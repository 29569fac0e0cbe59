package io.podslice.agent;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.systemd.SystemdManager;
import io.podslice.node.DeviceLocality;
import io.podslice.node.MachineSource;
import io.podslice.node.NodeSources;
import io.podslice.node.PlanListener;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The parts of a node that an agent works on, those of the kernel or simulated ones.
 *
 * @param files the cgroup v2 tree
 * @param machine the node's hardware at the start
 * @param source tells of the hardware while CPUs come and go
 * @param clock for time stamps and time-outs
 * @param devices where devices are
 * @param listener is told what is written to the cgroups
 * @param pageBytes size of a memory page
 * @param systemd supplies systemd's manager, for a node with the systemd driver; empty where systemd is not PID 1
 * @param sources the sources of pods' specs and devices in place of those that the configuration names; empty: those
 */
public record AgentParts(
        CgroupFiles files,
        Machine machine,
        MachineSource source,
        DeviceLocality devices,
        Clock clock,
        PlanListener listener,
        long pageBytes,
        Supplier<Optional<SystemdManager>> systemd,
        Optional<NodeSources> sources) {

    /** Parts of a node without devices, whose CPUs neither come nor go, with pages of 4 KiB. */
    public AgentParts(CgroupFiles files, Machine machine, Clock clock, PlanListener listener) {
        this(
                files,
                machine,
                MachineSource.unchanging(machine),
                DeviceLocality.NONE,
                clock,
                listener,
                4096,
                Optional::empty,
                Optional.empty());
    }

    /** Returns these parts with other sources of pods' specs and devices than those that the configuration names. */
    public AgentParts with(NodeSources other) {
        return new AgentParts(files, machine, source, devices, clock, listener, pageBytes, systemd, Optional.of(other));
    }

    /** Returns these parts with a manager of systemd's, to which writes go where the cgroup driver is systemd. */
    public AgentParts with(SystemdManager manager) {
        return new AgentParts(
                files, machine, source, devices, clock, listener, pageBytes, () -> Optional.of(manager), sources);
    }
}
