package io.podslice.node.cpuset;

import io.podslice.cgroups.AllowedCpus;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.MachineSource;
import io.podslice.node.NodeConfig;
import io.podslice.node.state.Ledger;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machine as pods can use it at the moment, and the placer for it: the CPUs that are online and that the root cgroup
 * of all pods may use. podslice itself never restricts that cgroup, so whatever does is the administrator's. CPUs of a
 * partition below that cgroup count where a pod holds them. Guarded by the brain's lock.
 */
public final class PresentMachine {
    private static final Logger log = LoggerFactory.getLogger(PresentMachine.class);

    private final Ledger ledger;
    private final MachineSource source;
    private final CgroupFiles files;
    private final CgroupPath kubepods;
    private final PlacementPolicy policy;

    /** The machine with every online CPU, and what the last look saw of it. */
    private Machine whole;

    private CpuSet online;
    private Optional<AllowedCpus> allowed = Optional.empty();

    /** Of the allowed CPUs, those that pods could use then: in partitions, those that pods hold. */
    private CpuSet allowedForPods = CpuSet.empty();

    private Machine machine;
    private PodPlacer placer;

    /** NUMA nodes of all CPUs that were ever seen online: those of a CPU that has gone are wanted too. */
    private final Map<Integer, Integer> nodeOfCpu = new HashMap<>();

    /** The failure that the last look met; empty for none. */
    private String failure = "";

    /**
     * Makes the machine as it is at the start, and says where it is less than what is online.
     *
     * @param machine the machine with every CPU that is online
     * @param placer decides on that machine
     */
    public PresentMachine(
            Ledger ledger,
            Machine machine,
            PodPlacer placer,
            MachineSource source,
            CgroupFiles files,
            NodeConfig config) {
        this.ledger = ledger;
        this.source = source;
        this.files = files;
        this.kubepods = config.kubepods();
        this.policy = config.policy();
        this.whole = machine;
        this.online = machine.cpuSet();
        this.machine = machine;
        this.placer = placer;
        know(machine);
        refresh();
        this.machine.barredText().ifPresent(log::info);
    }

    private void know(Machine seen) {
        for (Cpu cpu : seen.cpus()) {
            nodeOfCpu.put(cpu.id(), cpu.numaNode());
        }
    }

    /** The machine without the CPUs that pods cannot use. */
    public Machine machine() {
        return machine;
    }

    /** The CPUs that are online, be they for pods or not. */
    CpuSet online() {
        return online;
    }

    /** The CPUs that pods can use. */
    public CpuSet cpus() {
        return machine.cpuSet();
    }

    /** Decides on placements on the machine. */
    public PodPlacer placer() {
        return placer;
    }

    /** Returns the NUMA nodes of these CPUs, also of those that have gone since podslice started. */
    public CpuSet nodesOf(CpuSet cpus) {
        CpuSet nodes = CpuSet.empty();
        for (int cpu = cpus.first(); cpu >= 0; cpu = cpus.next(cpu + 1)) {
            Integer node = nodeOfCpu.get(cpu);
            nodes = node == null || nodes.contains(node) ? nodes : nodes.union(CpuSet.of(node));
        }
        return nodes;
    }

    /**
     * Looks for CPUs that have come or gone: reads two files, and the machine where others are online than before. A
     * failure is logged once, and the next look tries again.
     *
     * @return true if pods can use other CPUs than before
     */
    public boolean look() {
        ledger.assertHeld();
        CpuSet before = machine.cpuSet();
        if (!refresh()) {
            return false;
        }
        CpuSet gone = before.minus(machine.cpuSet());
        CpuSet come = machine.cpuSet().minus(before);
        if (!gone.isEmpty()) {
            log.warn("CPUs {} are gone: {}", gone, cause(gone));
        }
        if (!come.isEmpty()) {
            log.info("CPUs {} have come: pods can use {}", come, machine.cpuSet());
        }
        return true;
    }

    private String cause(CpuSet gone) {
        CpuSet offline = gone.minus(whole.cpuSet());
        return offline.isEmpty() ? machine.barredText().orElse("") : "CPUs " + offline + " are offline";
    }

    /** Returns the CPUs that pods can use: in a partition, only those of a pod that holds them. */
    private CpuSet usable(AllowedCpus by) {
        return by.inPartitions().isEmpty()
                ? by.cpus()
                : by.cpus()
                        .union(by.inPartitions()
                                .intersection(ledger.state().placements().held()));
    }

    /** Tells if the cgroup that told the CPUs last says nothing else now; the cgroup of all pods itself, not one above. */
    private boolean isUnchanged() {
        return allowed.isPresent()
                && allowed.get().cgroup().equals(kubepods)
                && allowed.get().isUnchanged(files);
    }

    private boolean refresh() {
        try {
            CpuSet now = source.online();
            if (now.equals(online) && isUnchanged()) {
                failure = "";
                return false;
            }
            Optional<AllowedCpus> by = AllowedCpus.read(files, kubepods);
            CpuSet forPods = by.map(this::usable).orElse(now);
            if (now.equals(online) && by.equals(allowed) && forPods.equals(allowedForPods)) {
                failure = "";
                return false;
            }
            Machine seen = now.equals(online) ? whole : source.read();
            Machine usable = by.isPresent() ? seen.withOnly(forPods) : seen;
            boolean differs = !usable.equals(machine);
            PodPlacer next = differs ? new PodPlacer(usable, policy) : placer;
            boolean others = !usable.cpuSet().equals(machine.cpuSet());
            whole = seen;
            online = now;
            allowed = by;
            allowedForPods = forPods;
            machine = usable;
            placer = next;
            know(seen);
            failure = "";
            return others;
        } catch (IOException | CgroupException | IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            if (!message.equals(failure)) {
                log.warn("the CPUs that there are cannot be told, and stay {}: {}", machine.cpuSet(), message);
            }
            failure = message;
            return false;
        }
    }
}
