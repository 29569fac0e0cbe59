package io.podslice.simulator.systemd;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.libcontainer.FileValue;
import io.podslice.simulator.libcontainer.SystemdLibcontainer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A machine of 8 CPUs whose kubelet and runtime use systemd's driver. */
final class SystemdNode {
    static final UnitName KUBEPODS = new UnitName("kubepods.slice");
    static final UnitName BURSTABLE = new UnitName("kubepods-burstable.slice");

    final SimulatedCgroups kernel = new SimulatedCgroups(Machine.regular(2, 1, 2, 2, 8L << 30));
    final SimulatedSystemd systemd;
    final SystemdLibcontainer kubelet;
    final SystemdLibcontainer runc;
    private final Map<CgroupPath, Integer> pids = new HashMap<>();
    private int next = 100;

    SystemdNode(int version) {
        systemd = new SimulatedSystemd(kernel, version);
        kubelet = new SystemdLibcontainer(kernel, systemd, SystemdLibcontainer.User.KUBELET);
        runc = new SystemdLibcontainer(kernel, systemd, SystemdLibcontainer.User.RUNC);
        kubelet.create(KUBEPODS.path());
        kubelet.create(BURSTABLE.path());
        kubelet.set(KUBEPODS.path(), List.of(new FileValue(CgroupFile.CPU_WEIGHT, "313")));
        kubelet.set(BURSTABLE.path(), List.of(new FileValue(CgroupFile.CPU_WEIGHT, "20")));
    }

    /** Installs the drop-in that keeps the cpuset controller for pods' slices. */
    SystemdNode withDropIn() {
        systemd.installDropIn(
                "kubepods-.slice.d",
                "10-podslice.conf",
                List.of(UnitProperty.mask(UnitProperty.ALLOWED_CPUS, CpuSet.parse("0-7"))));
        systemd.daemonReload();
        return this;
    }

    /** Makes a Burstable pod's slice as the kubelet does. */
    UnitName pod(String uid) {
        UnitName pod = BURSTABLE.pod(uid);
        kubelet.create(pod.path());
        kubelet.set(
                pod.path(),
                List.of(
                        new FileValue(CgroupFile.CPU_WEIGHT, "40"),
                        new FileValue(CgroupFile.CPU_MAX, "200000 100000"),
                        new FileValue(CgroupFile.MEMORY_MAX, Long.toString(1L << 30))));
        return pod;
    }

    /** Starts a container's scope in the pod, with a process in it. */
    CgroupPath start(UnitName pod, String id) {
        CgroupPath path =
                pod.path().child(UnitName.ofContainer("cri-containerd", id).value());
        runc.create(path);
        pids.put(path, next);
        kernel.start(next++, path);
        return path;
    }

    /** Ends a container's process; systemd then sees its scope empty. */
    void end(CgroupPath scope) {
        kernel.exit(Objects.requireNonNull(pids.remove(scope)));
        systemd.emptied(UnitName.ofPath(scope).orElseThrow());
    }

    String read(UnitName unit, String file) {
        return kernel.read(unit.path(), file);
    }

    String read(CgroupPath path, String file) {
        return kernel.read(path, file);
    }
}
