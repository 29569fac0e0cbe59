package io.podslice.agent.config;

import io.podslice.cgroups.AllowedCpus;
import io.podslice.cgroups.Cgroup2Mount;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.KernelCgroupFiles;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.memory.MemoryCapacity;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.Bounds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Checks a configuration against a machine: {@code serve}, {@code plan} and {@code config check} all print the problems
 * that it finds. The kubelet makes these checks when it starts; where it has a text, that text is used here.
 */
public final class MachineFit {
    private MachineFit() {}

    /**
     * Returns the machine without the CPUs that the cgroups of pods may not use; unchanged where none of those that they
     * may use is online.
     *
     * @param files the machine's cgroup v2 tree
     * @param kubepods the root cgroup of all pods
     */
    public static Machine usable(Machine machine, CgroupFiles files, CgroupPath kubepods) {
        return AllowedCpus.read(files, kubepods)
                .filter(allowed -> allowed.all().intersects(machine.cpuSet()))
                .map(allowed -> machine.withOnly(allowed.all()))
                .orElse(machine);
    }

    /**
     * Returns the machine on which the command runs without the CPUs that the cgroups of pods may not use; unchanged where
     * there is no cgroup v2.
     */
    public static Machine usable(Configuration configuration, Machine machine) {
        return thisTree(configuration)
                .map(tree -> usable(
                        machine,
                        tree,
                        DriverFit.of(configuration.cgroups(), tree).kubepods()))
                .orElse(machine);
    }

    /** Returns the places of pods' cgroups on the machine on which the command runs. */
    public static CgroupLayout layout(Configuration configuration) {
        Configuration.Cgroups cgroups = configuration.cgroups();
        return thisTree(configuration)
                .map(tree -> DriverFit.of(cgroups, tree).layout())
                .orElseGet(() -> cgroups.layout(cgroups.driver().orElse(CgroupDriver.CGROUPFS)));
    }

    private static Optional<CgroupFiles> thisTree(Configuration configuration) {
        Path root = configuration.cgroups().root();
        return Cgroup2Mount.problem(root, "cgroups.root").isPresent()
                ? Optional.empty()
                : Optional.of(new KernelCgroupFiles(root));
    }

    /** Lists everything of a configuration that a machine cannot give, a line each with field and value. */
    public static List<String> problems(Configuration configuration, Machine machine) {
        PlacementPolicy policy = configuration.policy();
        List<String> problems = new ArrayList<>(reservedCpus(policy.reservedSystemCpus(), machine));
        policy.reservedMemory()
                .forEach((node, limits) -> problems.addAll(reservedMemory(node, new TreeMap<>(limits), machine)));
        int fewest = configuration.bounds().sharedPoolCpus();
        if (fewest > machine.cpuSet().size()) {
            problems.add("bounds.sharedPoolCPUs \"" + fewest + "\": the machine has "
                    + machine.cpuSet().size() + " CPUs online");
        }
        PlacementPolicy unreserved = policy.withReservedSystemCpus(CpuSet.empty())
                .withMemoryManager(placeable(policy, machine).memoryManagerPolicy(), Map.of());
        try {
            var _ = new PodPlacer(machine, unreserved);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        return problems;
    }

    /**
     * A configuration that fits a machine.
     *
     * @param configuration empty where none of those that there are fits
     * @param problems what the wanted one asks for that the machine does not have; empty where it is the wanted one
     */
    public record Choice(Optional<Configuration> configuration, List<String> problems) {}

    /**
     * Chooses the configuration for a machine: the wanted one, if it fits; else the last good one, if that one does; else the
     * wanted one without the reserved CPUs and memory that the machine does not have, as when a reserved CPU has gone
     * offline.
     */
    public static Choice choose(Configuration wanted, Optional<Configuration> good, Machine machine) {
        List<String> problems = problems(wanted, machine);
        if (problems.isEmpty()) {
            return new Choice(Optional.of(wanted), problems);
        }
        Optional<Configuration> fitting = good.map(last -> wanted.with(last.policy(), last.bounds()))
                .filter(last -> problems(last, machine).isEmpty())
                .or(() -> Optional.of(reduced(wanted, machine))
                        .filter(each -> problems(each, machine).isEmpty()));
        return new Choice(fitting, problems);
    }

    private static Configuration reduced(Configuration wanted, Machine machine) {
        PlacementPolicy policy = wanted.policy();
        CpuSet online = machine.cpuSet();
        CpuSet reserved = policy.reservedSystemCpus().intersection(online);
        Map<Integer, Map<ResourceName, Long>> memory = new TreeMap<>();
        policy.reservedMemory().forEach((node, limits) -> {
            if (reservedMemory(node, new TreeMap<>(limits), machine).isEmpty()) {
                memory.put(node, limits);
            }
        });
        Bounds bounds = wanted.bounds();
        return wanted.with(
                policy.withReservedSystemCpus(reserved).withMemoryManager(policy.memoryManagerPolicy(), memory),
                new Bounds(
                        bounds.namespaces(),
                        bounds.exclusiveCpusPerPod(),
                        bounds.exclusiveCpusPerNamespace(),
                        bounds.exclusivePercent(),
                        Math.min(bounds.sharedPoolCpus(), Math.max(1, online.size())),
                        bounds.guardedMemoryBytes(),
                        bounds.isolated()));
    }

    /** Names what {@link #problems} could not check, because a machine file may leave out the machine's memory. */
    public static Optional<String> unchecked(Configuration configuration, Machine machine) {
        return tellsMemory(machine) || configuration.policy().reservedMemory().isEmpty()
                ? Optional.empty()
                : Optional.of("reservedMemory is not checked: the machine's memory is not known");
    }

    /** The configured placement policy, without a memory manager where the machine's memory is not known. */
    public static PlacementPolicy placeable(PlacementPolicy policy, Machine machine) {
        return tellsMemory(machine) ? policy : policy.withMemoryManager(MemoryManagerPolicy.NONE, Map.of());
    }

    private static boolean tellsMemory(Machine machine) {
        return !machine.memory().isEmpty();
    }

    private static List<String> reservedCpus(CpuSet reserved, Machine machine) {
        CpuSet online = machine.cpuSet();
        String field = "reservedSystemCPUs \"" + reserved + "\": ";
        if (!online.containsAll(reserved)) {
            CpuSet offline = reserved.intersection(machine.offline());
            CpuSet barred = reserved.intersection(machine.barred());
            return List.of(field + "reserved-cpus: " + reserved + " is not a subset of online-cpus: " + online
                    + (offline.isEmpty() ? "" : "; offline: " + offline)
                    + (barred.isEmpty() ? "" : "; not allowed by the cgroups above pods: " + barred));
        }
        return reserved.containsAll(online)
                ? List.of(field + "leaves none of the CPUs " + online + " to pods")
                : List.of();
    }

    private static List<String> reservedMemory(int node, Map<ResourceName, Long> limits, Machine machine) {
        String field = "reservedMemory numaNode " + node + ": ";
        List<String> problems = new ArrayList<>();
        if (!tellsMemory(machine)) {
            return problems;
        }
        limits.forEach((type, bytes) -> {
            long total = total(machine, node, type);
            if (!machine.numaNodes().contains(node)) {
                problems.add(field + "the reserved memory configuration references a NUMA node " + node
                        + " that does not exist on this machine; it has " + machine.numaNodes());
            } else if (bytes > total) {
                problems.add(field + "limits." + type + " " + bytes + ": the node has only " + total + " bytes");
            }
        });
        return problems;
    }

    private static long total(Machine machine, int node, ResourceName type) {
        MemoryCapacity.Amount amount = MemoryCapacity.of(machine, Map.of())
                .byNode()
                .getOrDefault(node, new TreeMap<>())
                .get(type);
        return amount == null ? 0 : amount.total();
    }
}
