package io.podslice.managers.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.cpu.CpuManager;
import io.podslice.managers.cpu.CpuManagerOptions;
import io.podslice.managers.cpu.CpuManagerOptions.Option;
import io.podslice.managers.cpu.CpuManagerState;
import io.podslice.managers.cpu.CpuTopology;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.memory.MemoryBlock;
import io.podslice.managers.memory.MemoryCapacity;
import io.podslice.managers.memory.MemoryManager;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.HintMerger;
import io.podslice.managers.topology.NumaNodes;
import io.podslice.managers.topology.TopologyHint;
import io.podslice.managers.topology.TopologyManager;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A random machine with random settings, on which random pods start and end. */
final class AdmissionSequence {
    static final int STEPS = 12;

    private static final long GI = 1L << 30;

    private final long seed;
    private final Machine machine;
    private final CpuTopology topology;
    private final TopologyPolicy policy;
    private final TopologyScope scope;
    private final CpuManagerOptions options;
    private final CpuSet reserved;
    private final CpuManager cpus;
    private final MemoryCapacity capacity;
    private final PodAdmission admission;
    /** An admission with equal settings, made from the parts in other orders; its answers must be equal. */
    private final PodAdmission reordered;

    private final Map<String, PodSpec> specs = new LinkedHashMap<>();
    private final Map<String, Map<String, Boolean>> knobs = new HashMap<>();
    private final Map<String, Integer> answers = new TreeMap<>();
    private final List<List<Object>> story = new ArrayList<>();
    private SplittableRandom random;
    private ManagersState state = ManagersState.EMPTY;

    AdmissionSequence(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        machine = machine();
        topology = CpuTopology.of(machine);
        policy = List.of(TopologyPolicy.values()).get(random.nextInt(4));
        scope = random.nextBoolean() ? TopologyScope.POD : TopologyScope.CONTAINER;
        reserved = CpuManager.reserved(
                topology, random.nextInt(Math.min(3, (topology.all().size() + 1) / 2)));
        options = options();
        NumaNodes nodes = NumaNodes.of(machine);
        cpus = cpus(topology, nodes);
        Map<Integer, Map<ResourceName, Long>> kept = new LinkedHashMap<>();
        kept.put(0, Map.of(ResourceName.MEMORY, GI));
        kept.put(nodes.all().last(), Map.of(ResourceName.MEMORY, GI));
        capacity = MemoryCapacity.of(machine, kept);
        TopologyManager manager = new TopologyManager(new HintMerger(nodes, policy, random.nextBoolean()), scope);
        boolean withMemory = random.nextInt(4) > 0;
        admission = new PodAdmission(manager, cpus, withMemory ? new MemoryManager(capacity, true) : null, true);
        MemoryManager memory = new MemoryManager(MemoryCapacity.of(machine, inAnotherOrder(kept)), true);
        reordered = new PodAdmission(
                manager, cpus(CpuTopology.of(shuffled(machine.cpus())), nodes), withMemory ? memory : null, true);
        story.add(List.of(machine, "reserved " + reserved, policy, scope, options));
    }

    private CpuManager cpus(CpuTopology from, NumaNodes nodes) {
        return new CpuManager(new CpuManager.Settings(from, nodes, options, reserved, machine.isolated(), true));
    }

    private List<Cpu> shuffled(List<Cpu> ordered) {
        List<Cpu> result = new ArrayList<>();
        for (Cpu cpu : ordered) {
            result.add(random.nextInt(result.size() + 1), cpu);
        }
        return result;
    }

    /** Returns the machine, and the outcome for each pod, one a line. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (List<Object> line : story) {
            line.forEach(word -> text.append(word).append(' '));
            text.append('\n');
        }
        return text.toString();
    }

    /** Returns the number of times that each answer was given. */
    Map<String, Integer> answers() {
        return answers;
    }

    private Machine machine() {
        Machine regular = Machine.regular(
                random.nextInt(1, 3),
                random.nextInt(1, 4),
                random.nextInt(2, 5),
                random.nextInt(1, 3),
                random.nextInt(4, 9) * GI);
        Machine some = random.nextInt(4) == 0 ? regular.withHugepages(0, 2L << 20, 512) : regular;
        int last = some.cpuSet().last();
        Machine less = random.nextInt(4) == 0 ? some.withOffline(CpuSet.of(last)) : some;
        return random.nextInt(4) == 0 && last > 2 ? less.withIsolated(CpuSet.of(last - 1)) : less;
    }

    private CpuManagerOptions options() {
        Set<Option> on = EnumSet.noneOf(Option.class);
        if (random.nextInt(3) == 0) {
            on.add(Option.FULL_PCPUS_ONLY);
        }
        if (!reserved.isEmpty() && random.nextInt(3) == 0) {
            on.add(Option.STRICT_CPU_RESERVATION);
        }
        if (policy != TopologyPolicy.SINGLE_NUMA_NODE && random.nextInt(4) == 0) {
            on.add(Option.ALIGN_BY_SOCKET);
        }
        switch (random.nextInt(5)) {
            case 0 -> on.add(Option.DISTRIBUTE_CPUS_ACROSS_NUMA);
            case 1 -> on.addAll(EnumSet.of(Option.PREFER_ALIGN_CPUS_BY_UNCORECACHE, Option.UNCORECACHE_BEST_FIT));
            case 2 -> {
                on.remove(Option.FULL_PCPUS_ONLY);
                on.add(Option.DISTRIBUTE_CPUS_ACROSS_CORES);
            }
            default -> {
                // Packed.
            }
        }
        return new CpuManagerOptions(on);
    }

    /**
     * Runs these steps of the sequence. Each step has random numbers of its own, which do not depend on the steps left
     * out.
     */
    void run(List<Integer> steps) {
        for (int step : steps) {
            random = new SplittableRandom(seed * STEPS + step);
            if (!specs.isEmpty() && random.nextInt(3) == 0) {
                remove(anyPod());
            } else {
                admit("pod" + step);
            }
            requirePartition();
        }
        specs.forEach((uid, spec) -> {
            for (ContainerSpec container : spec.containers()) {
                state = state.withoutContainer(uid, container.name());
            }
        });
        assertThat(state).isEqualTo(ManagersState.EMPTY);
    }

    private String anyPod() {
        return List.copyOf(specs.keySet()).get(random.nextInt(specs.size()));
    }

    private void remove(String uid) {
        story.add(List.of("without", uid));
        specs.remove(uid);
        state = state.withoutPod(uid);
    }

    private void admit(String uid) {
        PodSpec spec = pod();
        Map<String, Boolean> exclusive = new TreeMap<>();
        for (ContainerSpec container : spec.containers()) {
            if (random.nextInt(8) == 0) {
                exclusive.put(container.name(), random.nextBoolean());
            }
        }
        ManagersState before = copy(state);
        Admission answer = admission.admit(state, uid, spec, exclusive);
        story.add(List.of(uid, spec, exclusive, answer));
        answers.merge(name(answer), 1, Integer::sum);
        assertThat(reordered.admit(state, uid, spec, inAnotherOrder(exclusive)))
                .as("the answer, made from the same things in another order")
                .isEqualTo(answer);
        assertThat(state).as("the state before, afterwards").isEqualTo(before);
        if (answer instanceof Admission.Admitted admitted) {
            state = admitted.state();
            specs.put(uid, spec);
            knobs.put(uid, exclusive);
            requireSound(uid, spec, admitted.hints());
            requireKept(uid);
        }
        if (!specs.isEmpty()) {
            requireKept(anyPod());
        }
    }

    private static ManagersState copy(ManagersState of) {
        return new ManagersState(
                new CpuManagerState(of.cpus().pods()),
                new MemoryState(of.memory().pods()));
    }

    /** Checks that a running pod that is admitted once more keeps its allocation. */
    private void requireKept(String running) {
        PodSpec spec = specs.getOrDefault(running, new PodSpec(ResourceRequirements.NONE, List.of()));
        Admission again = admission.admit(state, running, spec, knobs.getOrDefault(running, Map.of()));
        assertThat(again)
                .as("%s once more: %s", running, again)
                .isInstanceOfSatisfying(
                        Admission.Admitted.class,
                        kept -> assertThat(kept.state()).isEqualTo(state));
    }

    private static String name(Admission answer) {
        return switch (answer) {
            case Admission.Admitted admitted -> admitted.hints().isEmpty() ? "shares" : "admitted";
            case Admission.Rejected rejected -> rejected.rejection().reason();
        };
    }

    private static <K extends Comparable<K>, V> Map<K, V> inAnotherOrder(Map<K, V> map) {
        Map<K, V> result = new LinkedHashMap<>();
        new TreeMap<>(map).descendingMap().forEach(result::put);
        return result;
    }

    private PodSpec pod() {
        boolean level = random.nextBoolean();
        int cpu = random.nextInt(1, 7);
        List<ContainerSpec> containers = new ArrayList<>();
        int inits = random.nextInt(3);
        for (int i = random.nextInt(1, 4) + inits; i > 0; i--) {
            ContainerKind kind =
                    i > inits ? ContainerKind.APP : random.nextBoolean() ? ContainerKind.INIT : ContainerKind.SIDECAR;
            containers.addFirst(new ContainerSpec("c" + i, kind, resources(level)));
        }
        return new PodSpec(level ? guaranteed(cpu * 1000, 2 * GI) : ResourceRequirements.NONE, containers);
    }

    private ResourceRequirements resources(boolean level) {
        int millis = random.nextInt(4) == 0 ? 500 : 1000 * random.nextInt(1, 4);
        return switch (random.nextInt(level ? 4 : 8)) {
            case 0 -> ResourceRequirements.NONE;
            case 1 ->
                new ResourceRequirements(
                        ResourceList.of(millis + "m", "256Mi"), ResourceList.of(2 * millis + "m", "256Mi"));
            default -> guaranteed(millis, random.nextInt(1, 5) * GI / 2);
        };
    }

    private static ResourceRequirements guaranteed(int millis, long bytes) {
        ResourceList amounts = ResourceList.of(millis + "m", Long.toString(bytes));
        return new ResourceRequirements(amounts, amounts);
    }

    private void requirePartition() {
        CpuSet shared = cpus.nodeSharedPool(state.cpus());
        assertThat(shared.isEmpty()).isFalse();
        CpuSet seen = shared;
        for (Map.Entry<String, CpuManagerState.Pod> pod : state.cpus().pods().entrySet()) {
            CpuSet own = pod.getValue().all();
            assertThat(seen.intersects(own)).as(pod.getKey()).isFalse();
            assertThat(own.intersects(reserved)).isFalse();
            seen = seen.union(own);
        }
        CpuSet apart = options.on().contains(Option.STRICT_CPU_RESERVATION)
                ? machine.isolated().union(reserved)
                : machine.isolated();
        assertThat(seen.intersects(machine.isolated())).isFalse();
        assertThat(seen.union(apart)).isEqualTo(machine.cpuSet());
        requireMemory();
    }

    /** Checks that no more memory is allocated than there is, and that a node serves one group of nodes at a time. */
    private void requireMemory() {
        Map<CpuSet, Map<ResourceName, Long>> charged = new HashMap<>();
        for (MemoryState.Pod pod : state.memory().pods().values()) {
            List<MemoryBlock> blocks = pod.ofPod().isEmpty()
                    ? pod.containers().values().stream().flatMap(List::stream).toList()
                    : pod.ofPod();
            blocks.forEach(block -> charged.computeIfAbsent(block.nodes(), nodes -> new HashMap<>())
                    .merge(block.type(), block.bytes(), Long::sum));
        }
        CpuSet seen = CpuSet.empty();
        for (Map.Entry<CpuSet, Map<ResourceName, Long>> group : charged.entrySet()) {
            assertThat(seen.intersects(group.getKey())).isFalse();
            seen = seen.union(group.getKey());
            group.getValue().forEach((type, bytes) -> {
                long sum = 0;
                for (int node : group.getKey().toArray()) {
                    MemoryCapacity.Amount amount = capacity.byNode()
                            .getOrDefault(node, new TreeMap<>())
                            .get(type);
                    sum += amount == null ? 0 : amount.allocatable();
                }
                assertThat(bytes).isLessThanOrEqualTo(sum);
            });
        }
    }

    private void requireSound(String uid, PodSpec spec, List<TopologyHint> hints) {
        CpuManagerState.Pod pod = state.cpus().pod(uid);
        CpuSet exclusive = CpuSet.empty();
        CpuSet sharing = CpuSet.empty();
        for (ContainerSpec container : spec.containers()) {
            CpuSet has = pod.containers().getOrDefault(container.name(), CpuSet.empty());
            Isolation isolation =
                    cpus.isolation(state.cpus(), uid, spec, knobs.getOrDefault(uid, Map.of()), container.name());
            assertThat(isolation == Isolation.HOST).isEqualTo(has.isEmpty());
            if (container.kind() == ContainerKind.INIT) {
                continue;
            }
            if (isolation == Isolation.CONTAINER) {
                assertThat(exclusive.intersects(has)).isFalse();
                exclusive = exclusive.union(has);
                assertThat(has.size() * 1000L)
                        .isEqualTo(container.resources().requests().cpuMillis());
            } else {
                assertThat(sharing.isEmpty() || sharing.equals(has) || has.isEmpty())
                        .isTrue();
                sharing = sharing.union(has);
            }
        }
        assertThat(exclusive.intersects(sharing)).isFalse();
        if (!pod.ofPod().isEmpty()) {
            assertThat(pod.ofPod()).isEqualTo(pod.all());
            assertThat(pod.ofPod().size() * 1000L)
                    .isEqualTo(spec.resources().requests().cpuMillis());
        }
        if (options.on().contains(Option.FULL_PCPUS_ONLY)) {
            assertThat(topology.isWholeCores(pod.all())).isTrue();
        }
        if (policy == TopologyPolicy.SINGLE_NUMA_NODE) {
            requireOneNode(uid, pod);
        }
        assertThat(hints.size()).isLessThanOrEqualTo(spec.containers().size());
    }

    private void requireOneNode(String uid, CpuManagerState.Pod pod) {
        if (scope == TopologyScope.POD) {
            assertThat(topology.numaNodesOf(pod.all()).size()).isLessThanOrEqualTo(1);
        }
        pod.containers()
                .forEach((name, has) ->
                        assertThat(topology.numaNodesOf(has).size()).isLessThanOrEqualTo(1));
        MemoryState.Pod memory = state.memory().pods().get(uid);
        if (memory != null) {
            memory.containers()
                    .values()
                    .forEach(blocks ->
                            assertThat(blocks).allMatch(block -> block.nodes().size() == 1));
        }
    }
}
