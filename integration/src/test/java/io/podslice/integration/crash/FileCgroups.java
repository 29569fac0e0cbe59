package io.podslice.integration.crash;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Controllers;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.simulator.kernel.SimulatedCgroups;

/** Cgroups of the cgroupfs driver. */
final class FileCgroups implements NodeCgroups {
    private final SimulatedCgroups kernel = new SimulatedCgroups(CrashNode.MACHINE);

    @Override
    public SimulatedCgroups kernel() {
        return kernel;
    }

    @Override
    public CgroupPath kubepods() {
        return new CgroupPath("/kubepods");
    }

    @Override
    public void makeAll(String path) {
        CgroupPath wanted = new CgroupPath(path);
        wanted.parent().filter(parent -> !kernel.exists(parent)).ifPresent(parent -> makeAll(parent.value()));
        new PlanRunner(kernel).apply(new Plan(Controllers.enableAbove(wanted)));
        if (!kernel.exists(wanted)) {
            kernel.create(wanted);
        }
    }

    @Override
    public CgroupPath pathOf(String cgroupfs) {
        return new CgroupPath(cgroupfs);
    }

    @Override
    public CgroupPath below(CgroupPath pod, String id) {
        return pod.child(id);
    }

    @Override
    public CgroupFiles podslices(FaultPoints points) {
        return new FaultyCgroups(kernel, points);
    }

    @Override
    public void start(CgroupPath container, int pid) {
        if (!kernel.exists(container)) {
            kernel.create(container);
        }
        kernel.start(pid, container);
    }

    @Override
    public void end(CgroupPath container) {
        if (kernel.exists(container)) {
            for (String pid : kernel.read(container, "cgroup.procs").lines().toList()) {
                kernel.exit(Integer.parseInt(pid));
            }
            kernel.remove(container);
        }
    }

    @Override
    public void set(CgroupPath container, String file, String value) {
        kernel.write(container, file, value);
    }

    @Override
    public void answersAgain() {
        // There is no systemd.
    }

    @Override
    public void disturb(Deed.Disturbance disturbance) {
        // Nothing but podslice and the runtime writes here.
    }
}
