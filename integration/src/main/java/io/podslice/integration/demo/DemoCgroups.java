package io.podslice.integration.demo;

import io.podslice.agent.AgentParts;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.simulator.journal.Actor;
import io.podslice.simulator.journal.Journal;
import io.podslice.simulator.libcontainer.CgroupfsLibcontainer;
import io.podslice.simulator.libcontainer.Libcontainer;
import io.podslice.simulator.libcontainer.SystemdLibcontainer;
import io.podslice.simulator.libcontainer.SystemdLibcontainer.User;
import io.podslice.simulator.systemd.SimulatedSystemd;
import java.util.List;

/** The cgroups of the demo's node, as one of the two drivers names and makes them. */
sealed interface DemoCgroups {
    /** The version of systemd that the demo simulates. */
    int SYSTEMD_VERSION = 257;

    /** Returns the cgroup of all pods. */
    CgroupPath kubepods();

    /** Returns the kubelet's or the runtime's way to the cgroups. */
    Libcontainer of(Actor actor);

    /** Returns the agent's parts with its way to the cgroups. */
    AgentParts parts(AgentParts parts);

    /** Returns the cgroup of a container in a pod's cgroup. */
    CgroupPath container(CgroupPath pod, String id);

    /** Tells if a cgroup right below {@link #kubepods} is that of a pod. */
    boolean isPod(String name);

    /**
     * Prepares a node.
     *
     * @param kernel the cgroup tree
     * @param journal notes who writes what
     * @param cpus all CPUs of the machine
     */
    static DemoCgroups of(CgroupDriver driver, CgroupFiles kernel, Journal journal, CpuSet cpus) {
        return switch (driver) {
            case CGROUPFS -> new Directories(kernel, journal);
            case SYSTEMD -> {
                SimulatedSystemd systemd = new SimulatedSystemd(journal.of(Actor.SYSTEMD, kernel), SYSTEMD_VERSION);
                Units units = new Units(kernel, journal, systemd);
                systemd.installDropIn(
                        "kubepods-.slice.d",
                        "10-podslice.conf",
                        List.of(UnitProperty.mask(UnitProperty.ALLOWED_CPUS, cpus)));
                yield units;
            }
        };
    }

    /** Directories that kubelet and runtime make. */
    record Directories(CgroupFiles kernel, Journal journal) implements DemoCgroups {
        @Override
        public CgroupPath kubepods() {
            return new CgroupPath("/kubepods");
        }

        @Override
        public Libcontainer of(Actor actor) {
            return new CgroupfsLibcontainer(journal.of(actor, kernel));
        }

        @Override
        public AgentParts parts(AgentParts parts) {
            return parts;
        }

        @Override
        public CgroupPath container(CgroupPath pod, String id) {
            return pod.child(id);
        }

        @Override
        public boolean isPod(String name) {
            return name.startsWith("pod");
        }
    }

    /** Slices and scopes of a simulated systemd. */
    record Units(CgroupFiles kernel, Journal journal, SimulatedSystemd systemd) implements DemoCgroups {
        @Override
        public CgroupPath kubepods() {
            return new CgroupPath("/kubepods.slice");
        }

        @Override
        public Libcontainer of(Actor actor) {
            return new SystemdLibcontainer(
                    journal.of(actor, kernel), systemd, actor == Actor.KUBELET ? User.KUBELET : User.RUNC);
        }

        @Override
        public AgentParts parts(AgentParts parts) {
            return parts.with(new JournaledManager(Actor.PODSLICE, systemd, journal));
        }

        @Override
        public CgroupPath container(CgroupPath pod, String id) {
            return pod.child(UnitName.ofContainer("cri-containerd", id).value());
        }

        @Override
        public boolean isPod(String name) {
            return new UnitName(name).podUid().isPresent();
        }
    }
}
