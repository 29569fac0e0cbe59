package io.podslice.simulator.runtime;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.proto.cri.v1.ContainerEventType;
import io.podslice.simulator.libcontainer.Libcontainer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The state that outlives a restart of the runtime: its books, its images, and the cgroups of running containers. It is
 * its own lock.
 */
final class RuntimeState {
    final Books<SandboxEntry> sandboxes;
    final Books<ContainerEntry> containers;
    /** Image ids by reference. */
    final TreeMap<String, String> images = new TreeMap<>();

    final RuncCgroups cgroups;
    final Processes processes;
    final EventHub events = new EventHub();
    final PodUpdateSupport podUpdates;
    private final InstantSource clock;

    RuntimeState(
            Libcontainer libcontainer,
            Processes processes,
            PodUpdateSupport podUpdates,
            InstantSource clock,
            RandomGenerator random) {
        this.cgroups = new RuncCgroups(libcontainer);
        this.processes = processes;
        this.podUpdates = podUpdates;
        this.clock = clock;
        this.sandboxes = new Books<>("sandbox", random);
        this.containers = new Books<>("container", random);
    }

    long nanos() {
        Instant now = clock.instant();
        return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }

    /**
     * Returns the cgroup that containerd gives a sandbox or container: below the pod's, or below {@code /k8s.io} if
     * there is none. A pod's slice gets a scope.
     */
    static CgroupPath cgroupOf(String cgroupParent, String id) {
        if (cgroupParent.endsWith(".slice")) {
            UnitName slice = new UnitName(cgroupParent.substring(cgroupParent.lastIndexOf('/') + 1));
            return slice.path().child(UnitName.ofContainer("cri-containerd", id).value());
        }
        Path path = cgroupParent.isEmpty() ? Path.of("/k8s.io", id) : Path.of("/", cgroupParent, id);
        return new CgroupPath(path.normalize().toString());
    }

    List<ContainerEntry> containersOf(SandboxEntry sandbox) {
        return containers.all().stream().filter(c -> c.sandbox == sandbox).toList();
    }

    void announce(String id, ContainerEventType type, SandboxEntry sandbox) {
        events.send(
                id,
                type,
                nanos(),
                sandbox.status(),
                containersOf(sandbox).stream().map(ContainerEntry::status).toList());
    }
}
