package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.memory.MemoryBlock;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.MemoryQosVersion;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The state as the state file has it: plain values only, so that the file's format does not change with the code.
 *
 * @param memoryQos by what the pods' memory is protected
 * @param version of the format, {@value #VERSION} for what this code writes
 */
public record StateFile(int version, List<Pod> pods, Protection memoryQos) {
    public static final int VERSION = 3;

    record Pod(
            String uid,
            String namespace,
            String name,
            String cgroup,
            boolean madeCgroup,
            Map<String, String> annotations,
            Budget budget,
            Placed placement,
            PodPhase phase,
            long serial,
            String sandboxId,
            String since,
            List<Container> containers) {}

    record Budget(
            long cpuShares,
            long cpuQuotaMicros,
            long cpuPeriodMicros,
            long memoryMaxBytes,
            SortedMap<Long, Long> hugetlbMaxBytes,
            boolean knowsHugepages,
            SortedMap<String, String> limits,
            SortedMap<String, String> overhead) {}

    record Placed(String cpus, List<Integer> added, List<Placement> containers, Memory memory) {}

    record Placement(String name, ContainerKind kind, String cpus) {}

    record Memory(List<Block> pod, SortedMap<String, List<Block>> containers) {}

    record Block(String nodes, String type, long bytes) {}

    record Container(
            long serial, String id, String name, ContainerKind kind, boolean inheritsCpu, boolean inheritsMemory) {}

    /** @param throttlingFactor 0 for none */
    record Protection(
            boolean tiered,
            double throttlingFactor,
            String version,
            int minHeadroomPercent,
            long pageBytes,
            long allocatableBytes) {

        static Protection of(MemoryQos qos) {
            return new Protection(
                    qos.tiered(),
                    qos.throttlingFactor().orElse(0),
                    qos.version().text(),
                    qos.minHeadroomPercent(),
                    qos.pageBytes(),
                    qos.allocatableBytes());
        }

        MemoryQos toQos() {
            return new MemoryQos(
                    tiered,
                    throttlingFactor == 0 ? OptionalDouble.empty() : OptionalDouble.of(throttlingFactor),
                    MemoryQosVersion.of(version),
                    minHeadroomPercent,
                    pageBytes,
                    allocatableBytes);
        }
    }

    /** The state in the file's form. A container that the runtime has not made yet is left out. */
    public static StateFile of(NodeState state) {
        return new StateFile(
                VERSION, state.pods().stream().map(StateFile::pod).toList(), Protection.of(state.memoryQos()));
    }

    private static Pod pod(PodState pod) {
        PodCgroupValues values = pod.budget().cgroup();
        return new Pod(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                pod.cgroup().value(),
                pod.madeCgroup(),
                new TreeMap<>(pod.annotations()),
                new Budget(
                        values.cpuShares(),
                        values.cpuQuotaMicros(),
                        values.cpuPeriodMicros(),
                        values.memoryMaxBytes(),
                        values.hugetlbMaxBytes(),
                        pod.budget().knowsHugepages(),
                        texts(pod.budget().limits()),
                        texts(pod.budget().overhead())),
                placed(pod.placement()),
                pod.phase(),
                pod.serial(),
                pod.sandboxId(),
                pod.since().toString(),
                pod.containers().stream()
                        .filter(container -> !container.id().isEmpty())
                        .map(container -> new Container(
                                container.serial(),
                                container.id(),
                                container.name(),
                                container.kind(),
                                container.inheritsCpu(),
                                container.inheritsMemory()))
                        .toList());
    }

    private static Placed placed(PodPlacement placement) {
        SortedMap<String, List<Block>> blocks = new TreeMap<>();
        placement.memory().containers().forEach((container, its) -> blocks.put(container, blocks(its)));
        return new Placed(
                placement.ofPod().toString(),
                placement.added(),
                placement.containers().stream()
                        .map(container -> new Placement(
                                container.name(),
                                container.kind(),
                                container.own().toString()))
                        .toList(),
                new Memory(blocks(placement.memory().ofPod()), blocks));
    }

    private static List<Block> blocks(List<MemoryBlock> blocks) {
        return blocks.stream()
                .map(block -> new Block(block.nodes().toString(), block.type().value(), block.bytes()))
                .toList();
    }

    private static SortedMap<String, String> texts(ResourceList list) {
        SortedMap<String, String> texts = new TreeMap<>();
        for (ResourceName name : list.names()) {
            texts.put(name.value(), list.get(name).toString());
        }
        return texts;
    }

    /**
     * The state that the file tells of.
     *
     * @throws RuntimeException if a value is none; which one is in the message
     */
    public NodeState toState() {
        return NodeState.of(pods.stream().map(StateFile::state).toList()).withMemoryQos(memoryQos.toQos());
    }

    private static PodState state(Pod pod) {
        Budget budget = pod.budget();
        return new PodState(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                new CgroupPath(pod.cgroup()),
                pod.madeCgroup(),
                pod.annotations(),
                new PodBudget(
                        new PodCgroupValues(
                                budget.cpuShares(),
                                budget.cpuQuotaMicros(),
                                budget.cpuPeriodMicros(),
                                budget.memoryMaxBytes(),
                                budget.hugetlbMaxBytes()),
                        budget.knowsHugepages(),
                        list(budget.limits()),
                        list(budget.overhead())),
                placement(pod.placement()),
                pod.phase(),
                pod.serial(),
                pod.sandboxId(),
                Instant.parse(pod.since()),
                pod.containers().stream()
                        .map(container -> new ContainerState(
                                container.serial(),
                                container.id(),
                                container.name(),
                                container.kind(),
                                container.inheritsCpu(),
                                container.inheritsMemory()))
                        .toList());
    }

    private static ResourceList list(Map<String, String> texts) {
        SortedMap<ResourceName, Quantity> amounts = new TreeMap<>();
        texts.forEach((name, amount) -> amounts.put(new ResourceName(name), Quantity.parse(amount)));
        return ResourceList.of(amounts);
    }

    private static PodPlacement placement(Placed placed) {
        SortedMap<String, List<MemoryBlock>> blocks = new TreeMap<>();
        placed.memory().containers().forEach((container, its) -> blocks.put(container, memory(its)));
        return new PodPlacement(
                placed.containers().stream()
                        .map(container -> new ContainerPlacement(
                                container.name(), container.kind(), CpuSet.parse(container.cpus())))
                        .toList(),
                CpuSet.parse(placed.cpus()),
                placed.added(),
                new MemoryState.Pod(memory(placed.memory().pod()), blocks));
    }

    private static List<MemoryBlock> memory(List<Block> blocks) {
        return blocks.stream()
                .map(block ->
                        new MemoryBlock(CpuSet.parse(block.nodes()), new ResourceName(block.type()), block.bytes()))
                .toList();
    }
}
