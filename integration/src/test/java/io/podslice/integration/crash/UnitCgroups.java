package io.podslice.integration.crash;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.systemd.SystemdCgroupFiles;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.libcontainer.FileValue;
import io.podslice.simulator.libcontainer.SystemdLibcontainer;
import io.podslice.simulator.systemd.SimulatedSystemd;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** Cgroups of systemd's driver, with podslice's drop-in. */
final class UnitCgroups implements NodeCgroups {
    private final SimulatedCgroups kernel = new SimulatedCgroups(CrashNode.MACHINE);
    private final SimulatedSystemd systemd;
    private final SystemdLibcontainer kubelet;
    private final SystemdLibcontainer runc;
    private @Nullable SystemdCgroupFiles latest;
    private @Nullable FaultyManager manager;

    private final BinaryOperator<CgroupFiles> way;
    private final Set<String> handed = new TreeSet<>();

    /** @param version systemd's */
    UnitCgroups(int version) {
        this(version, (kernel, units) -> units);
    }

    /** @param way podslice's way to the cgroups, of the kernel's files and of the writer of units' files */
    UnitCgroups(int version, BinaryOperator<CgroupFiles> way) {
        this.way = way;
        systemd = new SimulatedSystemd(kernel, version);
        kubelet = new SystemdLibcontainer(kernel, systemd, SystemdLibcontainer.User.KUBELET);
        runc = new SystemdLibcontainer(kernel, systemd, SystemdLibcontainer.User.RUNC);
        systemd.installDropIn(
                "kubepods-.slice.d",
                "10-podslice.conf",
                List.of(UnitProperty.mask(UnitProperty.ALLOWED_CPUS, CrashNode.MACHINE.cpuSet())));
    }

    @Override
    public SimulatedCgroups kernel() {
        return kernel;
    }

    @Override
    public CgroupPath kubepods() {
        return new CgroupPath("/kubepods.slice");
    }

    @Override
    public void makeAll(String path) {
        kubelet.create(pathOf(path));
        kubelet.set(kubepods(), List.of(new FileValue("cpu.weight", "1000")));
        kubelet.set(pathOf(path), List.of(new FileValue("cpu.weight", "20")));
    }

    @Override
    public CgroupPath pathOf(String cgroupfs) {
        String within = cgroupfs.replaceFirst("^/elsewhere/", "/kubepods/pod");
        return UnitName.ofComponents(Arrays.stream(within.split("/", -1))
                        .filter(component -> !component.isEmpty())
                        .toList())
                .path();
    }

    @Override
    public CgroupPath below(CgroupPath pod, String id) {
        return pod.child(UnitName.ofContainer("cri-containerd", id).value());
    }

    @Override
    public CgroupFiles podslices(FaultPoints points) {
        if (latest != null) {
            latest.close(); // A podslice that was killed hears of nothing.
        }
        manager = new FaultyManager(systemd, points);
        latest = new SystemdCgroupFiles(new FaultyCgroups(kernel, points), manager, kubepods());
        return way.apply(new FaultyCgroups(kernel, points), latest);
    }

    /** Returns the files of containers that the runtime has set. */
    Set<String> handed() {
        return Set.copyOf(handed);
    }

    SimulatedSystemd systemd() {
        return systemd;
    }

    /** Makes a pod's slice, and gives it values, as the kubelet does before it asks for the sandbox. */
    void makePod(String cgroupfs) {
        CgroupPath pod = pathOf(cgroupfs);
        kubelet.create(pod);
        kubelet.set(pod, List.of(new FileValue("cpu.weight", "40")));
    }

    @Override
    public void start(CgroupPath container, int pid) {
        runc.create(container);
        kernel.start(pid, container);
    }

    @Override
    public void end(CgroupPath container) {
        if (kernel.exists(container)) {
            for (String pid : kernel.read(container, "cgroup.procs").lines().toList()) {
                kernel.exit(Integer.parseInt(pid));
            }
            runc.remove(container);
        }
    }

    @Override
    public void set(CgroupPath container, String file, String value) {
        handed.add(container + "/" + file);
        runc.set(container, List.of(new FileValue(file, value)));
    }

    @Override
    public void answersAgain() {
        if (manager != null) {
            manager.answersAgain();
        }
    }

    @Override
    public void disturb(Deed.Disturbance disturbance) {
        switch (disturbance) {
            case RELOAD -> systemd.daemonReload();
            case REEXEC -> systemd.daemonReexec();
            case MINUTE -> kubelet.set(pathOf("/kubepods/burstable"), List.of(new FileValue("cpu.weight", "20")));
        }
    }
}
