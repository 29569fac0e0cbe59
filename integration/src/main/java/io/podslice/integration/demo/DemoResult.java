package io.podslice.integration.demo;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.simulator.journal.Deed;
import java.util.List;

/**
 * The demo's actions and what it read after each.
 *
 * @param machine the simulated machine
 * @param source the source of the pods' specs
 * @param driver the cgroup driver of kubelet and runtime
 * @param before the pods as the runtime alone runs them
 * @param started those pods with podslice between kubelet and runtime
 * @param resized those pods after the resize of the last one
 * @param others the CPUs of all pods that ask nothing of podslice, after the resize
 * @param steps the calls and changes of the resize, in order
 * @param checks the comparisons with what was asked for
 */
record DemoResult(
        Machine machine,
        DemoSource source,
        CgroupDriver driver,
        List<PodView> before,
        List<PodView> started,
        List<PodView> resized,
        CpuSet others,
        List<Deed> steps,
        List<Check> checks) {

    DemoResult {
        before = List.copyOf(before);
        started = List.copyOf(started);
        resized = List.copyOf(resized);
        steps = List.copyOf(steps);
        checks = List.copyOf(checks);
    }

    boolean holds() {
        return checks.stream().allMatch(Check::holds);
    }
}
