package io.podslice.integration.demo;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.simulator.journal.Deed;
import java.util.List;

/**
 * All that the demo did and saw.
 *
 * @param machine the simulated machine
 * @param before the pods as the runtime alone runs them
 * @param started the same pods with podslice in between
 * @param resized again, after the resize of the last one
 * @param others CPUs of all pods that ask nothing of podslice, after the resize
 * @param steps calls and changes of the resize, in order
 * @param checks what was compared with what was asked
 */
record DemoResult(
        Machine machine,
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
