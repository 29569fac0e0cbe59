package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.placement.ContainerCpus;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import io.podslice.node.PodName;
import io.podslice.node.PodPhase;
import io.podslice.node.SpecSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A pod that podslice manages. A resize changes its allocation and its resizes, nothing else: {@link #resized} is the
 * one way to a pod with another spec or budget.
 *
 * @param identity its uid, name, cgroup and annotations
 * @param description the origin of its spec
 * @param allocation the granted spec, budget and placement
 * @param life its phase and its sandbox
 * @param containers containers that have been created and not been stopped or removed
 * @param resizing its resizes that are pending or in progress
 */
public record PodState(
        PodIdentity identity,
        Description description,
        Allocation allocation,
        PodLife life,
        List<ContainerState> containers,
        Resizing resizing) {

    public PodState {
        containers = List.copyOf(containers);
    }

    /** A pod that no source of the cluster has told of. */
    public PodState(
            PodIdentity identity,
            Allocation allocation,
            PodLife life,
            List<ContainerState> containers,
            Resizing resizing) {
        this(identity, Description.ofAnnotations(identity.annotations()), allocation, life, containers, resizing);
    }

    /** Returns the pod's uid, its key. */
    public String uid() {
        return identity.uid();
    }

    /** Returns the pod's namespace; empty for a pod that was found by its cgroup alone. */
    public String namespace() {
        return identity.namespace();
    }

    /** Returns the pod's name in its namespace. */
    public String name() {
        return identity.name();
    }

    /** Returns the pod's uid and names, for incidents. */
    public PodName podName() {
        return new PodName(uid(), namespace(), name());
    }

    /** Returns {@code namespace/name}, for messages. */
    public String fullName() {
        return identity.fullName();
    }

    /** Returns the pod's cgroup. */
    public CgroupPath cgroup() {
        return identity.cgroup();
    }

    /**
     * Returns the cgroup of a container or sandbox of the pod.
     *
     * @param id the runtime's id
     */
    public CgroupPath cgroupOf(String id) {
        return CgroupLayout.containerOf(cgroup(), id);
    }

    /** Tells if podslice made the pod's cgroup, and so removes it. */
    public boolean madeCgroup() {
        return identity.madeCgroup();
    }

    /** Returns podslice's own annotations of the pod, as given; empty where it has none. */
    public Map<String, String> annotations() {
        return identity.annotations();
    }

    /** Returns the allocated spec; empty for a pod that nothing describes. */
    public Optional<PodSpec> spec() {
        return allocation.spec();
    }

    /** Returns the allocated budget. */
    public PodBudget budget() {
        return allocation.budget();
    }

    /** Returns the CPUs and memory that the pod was given. */
    public PodPlacement placement() {
        return allocation.placement();
    }

    /** Returns the phase that the pod is in. */
    public PodPhase phase() {
        return life.phase();
    }

    /** Returns the number of the pod's latest admission. */
    public long serial() {
        return life.serial();
    }

    /** Returns the runtime's id of the pod's sandbox; empty until the runtime has answered. */
    public String sandboxId() {
        return life.sandboxId();
    }

    /** Returns the instant at which the pod came into its phase. */
    public Instant since() {
        return life.since();
    }

    /** Returns the desired resize that is not granted. */
    public Optional<PendingResize> pending() {
        return resizing.pending();
    }

    /** Returns the resize that is under way. */
    public Optional<ResizeInProgress> inProgress() {
        return resizing.inProgress();
    }

    /** Tells if podslice knows the pod by inference alone: from CRI, without an annotation of its own. */
    public boolean inferred() {
        return annotations().isEmpty() && !description.isCluster();
    }

    /**
     * Tells if the pod asks something of podslice: by an annotation of its own, or by pod-level resources that a source of
     * the cluster describes. Any other pod is refused nothing but a resize of its CPUs.
     */
    public boolean asks() {
        return !annotations().isEmpty()
                || (description.isCluster()
                        && spec().map(PodSpec::hasPodLevelResources).orElse(false));
    }

    /**
     * Tells if podslice writes and repairs the pod's budget. It is the kubelet's affair for an inferred pod, and for a
     * described one that asks nothing and has no CPUs of its own, for which a quota would have to be lifted.
     */
    public boolean ownsBudget() {
        return asks() || (!inferred() && hasCpus());
    }

    /** Returns the annotation about a container's exclusive CPUs; null where there is none. */
    public @Nullable Boolean exclusive(String container) {
        return PodAnnotations.exclusive(annotations(), container);
    }

    /**
     * Returns the spec that the pod was described with, before the kubelet's numbers and resizes: its annotation's, or
     * that of a source of the cluster; empty for a pod that has given none.
     */
    public Optional<PodSpec> describedSpec() {
        return description.source() == SpecSource.ANNOTATION
                ? PodAnnotations.of(annotations()).spec()
                : description.spec();
    }

    /** Tells if the pod has CPUs of its own. */
    public boolean hasCpus() {
        return placement().hasCpus();
    }

    /** Tells if all that is known of the pod is the CPUs that it was found running on. */
    public boolean isFound() {
        return inferred() && phase() == PodPhase.RUNNING && sandboxId().isEmpty() && hasCpus();
    }

    /** Tells if a resize has lowered memory.high of the pod or a container for a while: no other can begin meanwhile. */
    public boolean isReclaiming() {
        return inProgress().map(its -> !its.lowered().isEmpty()).orElse(false);
    }

    /** Returns the names of the containers that have been created and not been stopped or removed. */
    public Set<String> running() {
        Set<String> names = new TreeSet<>();
        for (ContainerState container : containers) {
            names.add(container.name());
        }
        return names;
    }

    /** Returns the pod's shared pool as it is now. */
    public CpuSet sharedPool() {
        return placement().sharedPool(running());
    }

    /** Returns the CPUs that a container of the pod runs on now. */
    public ContainerCpus cpusOf(String container) {
        return placement().of(container, running());
    }

    /** Finds a container by the runtime's id. */
    public Optional<ContainerState> container(String id) {
        for (ContainerState container : containers) {
            if (!id.isEmpty() && container.id().equals(id)) {
                return Optional.of(container);
            }
        }
        return Optional.empty();
    }

    /** Tells if a container of that name has been created and not been stopped or removed. */
    public boolean hasContainerNamed(String name) {
        for (ContainerState container : containers) {
            if (container.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns the pod after a resize, or after one step of it. Its containers stay what they are, and inherit the limits
     * that the allocated spec leaves to the pod as a whole.
     */
    public PodState resized(Allocation allocation, Resizing resizing) {
        List<ContainerState> inheriting = allocation
                .spec()
                .map(spec -> containers.stream()
                        .map(container -> container.inheriting(spec))
                        .toList())
                .orElse(containers);
        return new PodState(identity, description, allocation, life, inheriting, resizing);
    }

    /** Returns the pod with another description; what it has stays. */
    public PodState with(Description description) {
        return new PodState(identity, description, allocation, life, containers, resizing);
    }

    /** Returns the pod with other resizes; its allocation stays. */
    public PodState with(Resizing resizing) {
        return new PodState(identity, description, allocation, life, containers, resizing);
    }

    /** Returns the pod with another placement, as containers start and end or the pod itself ends. */
    public PodState withPlacement(PodPlacement placement) {
        return new PodState(identity, description, allocation.withPlacement(placement), life, containers, resizing);
    }

    /** Returns the pod after it has come into a phase. */
    public PodState withPhase(PodPhase phase, String sandboxId, Instant since) {
        return new PodState(identity, description, allocation, life.in(phase, sandboxId, since), containers, resizing);
    }

    /** Returns the pod with that container added, or in place of the one of its serial. */
    public PodState with(ContainerState container) {
        List<ContainerState> result = new ArrayList<>(containers);
        result.removeIf(other -> other.serial() == container.serial());
        result.add(container);
        return withContainers(result);
    }

    /** Returns the pod without the containers that match. */
    public PodState withoutContainers(Predicate<ContainerState> matching) {
        List<ContainerState> result = new ArrayList<>(containers);
        result.removeIf(matching);
        return withContainers(result);
    }

    private PodState withContainers(List<ContainerState> containers) {
        return new PodState(identity, description, allocation, life, containers, resizing);
    }
}
