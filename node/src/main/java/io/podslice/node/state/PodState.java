package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.ContainerCpus;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.PodSpec;
import io.podslice.node.PodPhase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A pod that podslice has a hand in.
 *
 * @param uid the pod's uid, its key
 * @param cgroup the pod's cgroup
 * @param madeCgroup whether podslice made that cgroup, and so removes it
 * @param annotations podslice's own annotations of the pod, as given; empty for a pod that is known by inference alone
 * @param budget what it may use
 * @param placement what it was given
 * @param phase where it is in its life
 * @param serial of its latest admission
 * @param sandboxId the runtime's id of its sandbox; empty until the runtime has answered
 * @param since when it came into this phase
 * @param containers those that have been created and not been stopped or removed
 * @param spec what it asks for as allocated now: first what its annotation says, then after whatever resizes, with its
 *     defaults; empty for a pod that has given no spec
 * @param pending a resize that it was asked for and does not have
 * @param resizing a resize that is under way
 */
public record PodState(
        String uid,
        String namespace,
        String name,
        CgroupPath cgroup,
        boolean madeCgroup,
        Map<String, String> annotations,
        PodBudget budget,
        PodPlacement placement,
        PodPhase phase,
        long serial,
        String sandboxId,
        Instant since,
        List<ContainerState> containers,
        Optional<PodSpec> spec,
        Optional<PendingResize> pending,
        Optional<ResizeInProgress> resizing) {

    public PodState {
        annotations = Map.copyOf(annotations);
        containers = List.copyOf(containers);
    }

    /** Whether podslice knows it by inference alone; such a pod is never refused anything. */
    public boolean inferred() {
        return annotations.isEmpty();
    }

    /** Whether it has CPUs of its own. */
    public boolean hasCpus() {
        return placement.hasCpus();
    }

    /** Whether all that is known of it is the CPUs that it was found running on. */
    public boolean isFound() {
        return inferred() && phase == PodPhase.RUNNING && sandboxId.isEmpty() && hasCpus();
    }

    /** For messages: {@code namespace/name}. */
    public String fullName() {
        return namespace + "/" + name;
    }

    /** Names of the containers that run now, as far as podslice can know. */
    public Set<String> running() {
        Set<String> names = new TreeSet<>();
        for (ContainerState container : containers) {
            names.add(container.name());
        }
        return names;
    }

    /** The pod shared pool as it is now. */
    public CpuSet sharedPool() {
        return placement.sharedPool(running());
    }

    /** Where a container of the pod runs now. */
    public ContainerCpus cpusOf(String container) {
        return placement.of(container, running());
    }

    public Optional<ContainerState> container(String id) {
        for (ContainerState container : containers) {
            if (!id.isEmpty() && container.id().equals(id)) {
                return Optional.of(container);
            }
        }
        return Optional.empty();
    }

    public boolean hasContainerNamed(String name) {
        for (ContainerState container : containers) {
            if (container.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    public PodState withPlacement(PodPlacement placement) {
        return new PodState(
                uid,
                namespace,
                name,
                cgroup,
                madeCgroup,
                annotations,
                budget,
                placement,
                phase,
                serial,
                sandboxId,
                since,
                containers,
                spec,
                pending,
                resizing);
    }

    public PodState withBudget(PodBudget budget) {
        return new PodState(
                uid,
                namespace,
                name,
                cgroup,
                madeCgroup,
                annotations,
                budget,
                placement,
                phase,
                serial,
                sandboxId,
                since,
                containers,
                spec,
                pending,
                resizing);
    }

    public PodState withPhase(PodPhase phase, String sandboxId, Instant since) {
        return new PodState(
                uid,
                namespace,
                name,
                cgroup,
                madeCgroup,
                annotations,
                budget,
                placement,
                phase,
                serial,
                sandboxId,
                since,
                containers,
                spec,
                pending,
                resizing);
    }

    public PodState withContainers(List<ContainerState> containers) {
        return new PodState(
                uid,
                namespace,
                name,
                cgroup,
                madeCgroup,
                annotations,
                budget,
                placement,
                phase,
                serial,
                sandboxId,
                since,
                containers,
                spec,
                pending,
                resizing);
    }

    public PodState withSpec(Optional<PodSpec> spec) {
        return new PodState(
                uid,
                namespace,
                name,
                cgroup,
                madeCgroup,
                annotations,
                budget,
                placement,
                phase,
                serial,
                sandboxId,
                since,
                containers,
                spec,
                pending,
                resizing);
    }

    public PodState withPending(Optional<PendingResize> pending) {
        return new PodState(
                uid,
                namespace,
                name,
                cgroup,
                madeCgroup,
                annotations,
                budget,
                placement,
                phase,
                serial,
                sandboxId,
                since,
                containers,
                spec,
                pending,
                resizing);
    }

    public PodState withResizing(Optional<ResizeInProgress> resizing) {
        return new PodState(
                uid,
                namespace,
                name,
                cgroup,
                madeCgroup,
                annotations,
                budget,
                placement,
                phase,
                serial,
                sandboxId,
                since,
                containers,
                spec,
                pending,
                resizing);
    }

    /** Tells if a resize has lowered the pod's memory.high for a while: no other can begin meanwhile. */
    public boolean isSqueezed() {
        return resizing.map(its -> !its.squeezed().isEmpty()).orElse(false);
    }

    /** With that container added, or in place of the one of its serial. */
    public PodState with(ContainerState container) {
        List<ContainerState> result = new ArrayList<>(containers);
        result.removeIf(other -> other.serial() == container.serial());
        result.add(container);
        return withContainers(result);
    }

    /** Without the containers that match. */
    public PodState withoutContainers(Predicate<ContainerState> matching) {
        List<ContainerState> result = new ArrayList<>(containers);
        result.removeIf(matching);
        return withContainers(result);
    }
}
