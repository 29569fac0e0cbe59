package io.podslice.node.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.memory.MemoryBlock;
import io.podslice.managers.memory.MemoryState;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.PodPhase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The state as the state file has it: plain values only, so that the file's format does not change with the code.
 *
 * @param version of the format, {@value #VERSION} for what this code writes
 * @param generation number of the last change that is in it; the journal's lines up to that number no longer count
 * @param memoryQos the settings by which the pods' memory is protected
 * @param bootId boot id of the kernel whose cgroups the file is about; empty for not known
 */
public record StateFile(int version, long generation, String bootId, List<Pod> pods, ProtectionForm memoryQos) {
    /** The version of the format that this code writes. */
    public static final int VERSION = 4;

    /** The name of a pod's description in its form. */
    static final String DESCRIPTION = "description";

    /** No pods, before the first change. */
    public static final StateFile EMPTY = new StateFile(VERSION, 0, "", List.of(), ProtectionForm.of(MemoryQos.OFF));

    /** All but the pods. */
    record Head(int version, long generation, String bootId, ProtectionForm memoryQos) {}

    record Pod(
            String uid,
            String namespace,
            String name,
            String cgroup,
            boolean madeCgroup,
            Map<String, String> annotations,
            BudgetForm budget,
            Placed placement,
            PodPhase phase,
            long serial,
            String sandboxId,
            String since,
            List<Container> containers,
            Optional<SpecForm> spec,
            ResizeForm resize,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<DescriptionForm> description) {}

    record Placed(String cpus, List<Integer> added, List<Placement> containers, Memory memory) {}

    record Placement(String name, ContainerKind kind, String cpus, List<Integer> added) {}

    record Memory(List<Block> pod, SortedMap<String, List<Block>> containers) {}

    record Block(String nodes, String type, long bytes) {}

    record Container(
            long serial,
            String id,
            String name,
            ContainerKind kind,
            boolean inheritsCpu,
            boolean inheritsMemory,
            boolean guarded) {}

    /** Returns a pod in the file's form. A container that the runtime has not made yet is left out. */
    static Pod pod(PodState pod) {
        return new Pod(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                pod.cgroup().value(),
                pod.madeCgroup(),
                new TreeMap<>(pod.annotations()),
                BudgetForm.of(pod.budget()),
                placed(pod.placement()),
                pod.phase(),
                pod.serial(),
                pod.sandboxId(),
                pod.since().toString(),
                containers(pod),
                pod.spec().map(SpecForm::of),
                ResizeForm.of(pod.resizing()),
                DescriptionForm.of(pod.description()));
    }

    /** Returns the pod's containers that the runtime has made. */
    static List<Container> containers(PodState pod) {
        return pod.containers().stream()
                .filter(container -> !container.id().isEmpty())
                .map(container -> new Container(
                        container.serial(),
                        container.id(),
                        container.name(),
                        container.kind(),
                        container.inheritsCpu(),
                        container.inheritsMemory(),
                        container.guarded()))
                .toList();
    }

    static Placed placed(PodPlacement placement) {
        SortedMap<String, List<Block>> blocks = new TreeMap<>();
        placement.memory().containers().forEach((container, its) -> blocks.put(container, blocks(its)));
        return new Placed(
                placement.ofPod().toString(),
                placement.added(),
                placement.containers().stream()
                        .map(container -> new Placement(
                                container.name(),
                                container.kind(),
                                container.own().toString(),
                                container.added()))
                        .toList(),
                new Memory(blocks(placement.memory().ofPod()), blocks));
    }

    private static List<Block> blocks(List<MemoryBlock> blocks) {
        return blocks.stream()
                .map(block -> new Block(block.nodes().toString(), block.type().value(), block.bytes()))
                .toList();
    }

    /**
     * Returns the state that the file tells of.
     *
     * @throws RuntimeException if a value cannot be parsed; the message names it
     */
    public NodeState toState() {
        return NodeState.of(pods.stream().map(StateFile::state).toList()).withMemoryQos(memoryQos.toQos());
    }

    /**
     * Returns a pod that a file or the journal tells of. One from before there were sources of the cluster has no
     * description.
     *
     * @throws RuntimeException if a value is missing or cannot be parsed; the message names it
     */
    static PodState state(JsonNode pod, JsonMapper mapper) {
        return state(mapper.treeToValue(withDescription(pod), Pod.class));
    }

    /** Adds the description that is missing in the form of an earlier podslice, and returns the form. */
    static JsonNode withDescription(JsonNode pod) {
        if (pod instanceof ObjectNode form && !form.has(DESCRIPTION)) {
            form.putNull(DESCRIPTION);
        }
        return pod;
    }

    static PodState state(Pod pod) {
        PodIdentity identity = new PodIdentity(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                new CgroupPath(pod.cgroup()),
                pod.madeCgroup(),
                pod.annotations());
        Allocation allocation =
                new Allocation(pod.spec().map(SpecForm::toSpec), pod.budget().toBudget(), placement(pod.placement()));
        PodLife life = new PodLife(pod.phase(), pod.serial(), pod.sandboxId(), Instant.parse(pod.since()));
        return new PodState(
                identity,
                pod.description()
                        .map(DescriptionForm::toDescription)
                        .orElseGet(() -> Description.ofAnnotations(identity.annotations())),
                allocation,
                life,
                pod.containers().stream()
                        .map(container -> new ContainerState(
                                container.serial(),
                                container.id(),
                                container.name(),
                                container.kind(),
                                container.inheritsCpu(),
                                container.inheritsMemory(),
                                container.guarded()))
                        .toList(),
                pod.resize().toResizing());
    }

    private static PodPlacement placement(Placed placed) {
        SortedMap<String, List<MemoryBlock>> blocks = new TreeMap<>();
        placed.memory().containers().forEach((container, its) -> blocks.put(container, memory(its)));
        return new PodPlacement(
                placed.containers().stream()
                        .map(container -> new ContainerPlacement(
                                container.name(), container.kind(), CpuSet.parse(container.cpus()), container.added()))
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
