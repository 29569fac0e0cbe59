package io.podslice.managers.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
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
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.statistics.Statistics;

/** What holds whatever the machine, the settings, the pods and the order in which they come and go. */
class AdmissionPropertiesTest {
    private static final long GI = 1L << 30;

    @Property(tries = 10_000, shrinking = ShrinkingMode.OFF)
    void holds_along_any_sequence_of_arrivals_and_removals(@ForAll long seed) {
        new Sequence(new SplittableRandom(seed)).run();
    }

    private static final class Sequence {
        private final SplittableRandom random;
        private final Machine machine;
        private final CpuTopology topology;
        private final TopologyPolicy policy;
        private final TopologyScope scope;
        private final CpuManagerOptions options;
        private final CpuSet reserved;
        private final CpuManager cpus;
        private final PodAdmission admission;
        private final MemoryCapacity capacity;
        private final Map<String, PodSpec> specs = new LinkedHashMap<>();
        private final Map<String, Map<String, Boolean>> knobs = new HashMap<>();
        private ManagersState state = ManagersState.EMPTY;

        Sequence(SplittableRandom random) {
            this.random = random;
            machine = machine();
            topology = CpuTopology.of(machine);
            policy = List.of(TopologyPolicy.values()).get(random.nextInt(4));
            scope = random.nextBoolean() ? TopologyScope.POD : TopologyScope.CONTAINER;
            reserved = CpuManager.reserved(
                    topology, random.nextInt(Math.min(3, (topology.all().size() + 1) / 2)));
            options = options();
            NumaNodes nodes = NumaNodes.of(machine);
            cpus = new CpuManager(
                    new CpuManager.Settings(topology, nodes, options, reserved, machine.isolated(), true));
            capacity = MemoryCapacity.of(machine, Map.of(0, Map.of(ResourceName.MEMORY, GI)));
            admission = new PodAdmission(
                    new TopologyManager(new HintMerger(nodes, policy, random.nextBoolean()), scope),
                    cpus,
                    random.nextInt(4) == 0 ? null : new MemoryManager(capacity, true),
                    true);
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

        void run() {
            for (int step = 0; step < 12; step++) {
                if (!specs.isEmpty() && random.nextInt(3) == 0) {
                    String uid = List.copyOf(specs.keySet()).get(random.nextInt(specs.size()));
                    specs.remove(uid);
                    state = state.withoutPod(uid);
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

        private void admit(String uid) {
            PodSpec spec = pod();
            Map<String, Boolean> exclusive = new TreeMap<>();
            for (ContainerSpec container : spec.containers()) {
                if (random.nextInt(8) == 0) {
                    exclusive.put(container.name(), random.nextBoolean());
                }
            }
            Admission answer = admission.admit(state, uid, spec, exclusive);
            Statistics.label("answers").collect(name(answer));
            assertThat(admission.admit(inAnotherOrder(state), uid, spec, inAnotherOrder(exclusive)))
                    .isEqualTo(answer);
            if (answer instanceof Admission.Admitted admitted) {
                state = admitted.state();
                specs.put(uid, spec);
                knobs.put(uid, exclusive);
                requireSound(uid, spec, admitted.hints());
            }
            requireKept(uid);
            requireKept(specs.isEmpty() ? uid : List.copyOf(specs.keySet()).get(random.nextInt(specs.size())));
        }

        /** A running pod that is admitted once more has what it had. */
        private void requireKept(String running) {
            PodSpec runs = specs.get(running);
            if (runs != null) {
                Admission again = admission.admit(state, running, runs, knobs.getOrDefault(running, Map.of()));
                assertThat(again)
                        .as("%s once more: %s", running, again)
                        .isInstanceOfSatisfying(
                                Admission.Admitted.class,
                                kept -> assertThat(kept.state()).isEqualTo(state));
            }
        }

        private static String name(Admission answer) {
            return switch (answer) {
                case Admission.Admitted admitted ->
                    admitted.state().equals(ManagersState.EMPTY) ? "shares" : "admitted";
                case Admission.Rejected rejected -> rejected.rejection().reason();
            };
        }

        private static ManagersState inAnotherOrder(ManagersState state) {
            Map<String, CpuManagerState.Pod> cpus = new LinkedHashMap<>();
            new TreeMap<>(state.cpus().pods()).descendingMap().forEach(cpus::put);
            Map<String, MemoryState.Pod> memory = new LinkedHashMap<>();
            new TreeMap<>(state.memory().pods()).descendingMap().forEach(memory::put);
            return new ManagersState(new CpuManagerState(new TreeMap<>(cpus)), new MemoryState(new TreeMap<>(memory)));
        }

        private static Map<String, Boolean> inAnotherOrder(Map<String, Boolean> exclusive) {
            Map<String, Boolean> result = new LinkedHashMap<>();
            new TreeMap<>(exclusive).descendingMap().forEach(result::put);
            return result;
        }

        private PodSpec pod() {
            boolean level = random.nextBoolean();
            int cpu = random.nextInt(1, 7);
            List<ContainerSpec> containers = new ArrayList<>();
            int inits = random.nextInt(3);
            for (int i = random.nextInt(1, 4) + inits; i > 0; i--) {
                ContainerKind kind = i > inits
                        ? ContainerKind.APP
                        : random.nextBoolean() ? ContainerKind.INIT : ContainerKind.SIDECAR;
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
            for (Map.Entry<String, CpuManagerState.Pod> pod :
                    state.cpus().pods().entrySet()) {
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

        /** No more is given out than there is, and a node serves one group of nodes at a time. */
        private void requireMemory() {
            Map<CpuSet, Map<ResourceName, Long>> charged = new HashMap<>();
            for (MemoryState.Pod pod : state.memory().pods().values()) {
                List<MemoryBlock> blocks = pod.ofPod().isEmpty()
                        ? pod.containers().values().stream()
                                .flatMap(List::stream)
                                .toList()
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
                        .forEach(blocks -> assertThat(blocks)
                                .allMatch(block -> block.nodes().size() == 1));
            }
        }
    }
}
