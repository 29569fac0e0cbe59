package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Picks CPUs out of a set: whole cores first, then the rest of broken ones, each by id. */
final class CpuPicker {
    private final Machine machine;

    CpuPicker(Machine machine) {
        this.machine = machine;
    }

    /** So many CPUs of the candidates; all of them where there are fewer. */
    CpuSet pick(int count, CpuSet candidates) {
        CpuSet left = candidates;
        CpuSet picked = CpuSet.empty();
        for (int id = left.first(); id >= 0 && picked.size() < count; id = left.next(id + 1)) {
            CpuSet core = coreOf(id);
            if (core.first() == id && candidates.containsAll(core) && core.size() <= count - picked.size()) {
                picked = picked.union(core);
            }
        }
        left = left.minus(picked);
        picked = firstOf(left.minus(wholeCores(left)), count, picked);
        return firstOf(left.minus(picked), count, picked);
    }

    private static CpuSet firstOf(CpuSet candidates, int count, CpuSet picked) {
        CpuSet result = picked;
        for (int id = candidates.first(); id >= 0 && result.size() < count; id = candidates.next(id + 1)) {
            result = result.union(CpuSet.of(id));
        }
        return result;
    }

    /** Those of the CPUs whose core has all its threads among them. */
    CpuSet wholeCores(CpuSet cpus) {
        CpuSet whole = CpuSet.empty();
        for (int id = cpus.first(); id >= 0; id = cpus.next(id + 1)) {
            CpuSet core = coreOf(id);
            if (core.first() == id && cpus.containsAll(core)) {
                whole = whole.union(core);
            }
        }
        return whole;
    }

    private CpuSet coreOf(int id) {
        return machine.cpusOfCore(machine.cpu(id).core());
    }

    /**
     * So many CPUs of the candidates nearest to those given: of the same cores, then L3 caches, NUMA nodes, sockets, then
     * any. In the order in which they were picked; fewer where there are not so many.
     */
    List<Integer> near(CpuSet given, int count, CpuSet candidates) {
        List<Integer> picked = new ArrayList<>(count);
        CpuSet left = candidates;
        List<Function<Cpu, CpuSet>> rings = List.of(
                cpu -> machine.cpusOfCore(cpu.core()),
                cpu -> machine.cpusOfL3(cpu.l3()),
                cpu -> machine.cpusOfNode(cpu.numaNode()),
                cpu -> machine.cpusOfSocket(cpu.socket()),
                cpu -> machine.cpuSet());
        for (Function<Cpu, CpuSet> ring : rings) {
            CpuSet around = CpuSet.empty();
            for (int id = given.first(); id >= 0; id = given.next(id + 1)) {
                around = around.union(ring.apply(machine.cpu(id)));
            }
            CpuSet next = pick(count - picked.size(), left.intersection(around));
            next.forEach(picked::add);
            left = left.minus(next);
        }
        return picked;
    }
}
