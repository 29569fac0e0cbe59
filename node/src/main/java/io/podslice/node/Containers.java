package io.podslice.node;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.ContainerCpus;
import io.podslice.managers.placement.ContainerDemand;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.placement.Placement;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ContainerValues;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.pool.Cpusets;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.PodState;
import org.jspecify.annotations.Nullable;

/** Decides where containers run and what they inherit. Guarded by the brain's lock. */
final class Containers {
    private final NodeConfig config;
    private final Placements placements;
    private final Ledger ledger;
    private final Enforcer enforcer;
    private final Changes changes;

    Containers(NodeConfig config, Placements placements, Ledger ledger, Enforcer enforcer, Changes changes) {
        this.config = config;
        this.placements = placements;
        this.ledger = ledger;
        this.enforcer = enforcer;
        this.changes = changes;
    }

    /** What is to be sent to the runtime for a new container. */
    record Created(long serial, LinuxResources resources) {}

    /**
     * Prepares a pod for a new container.
     *
     * @throws RefusedException if the container asks for CPUs of its own that cannot be had
     * @throws CgroupException if the kernel refuses something; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    Created create(PodState pod, ContainerRequest request) throws RefusedException {
        PodAnnotations annotations = PodAnnotations.of(pod.annotations());
        ContainerSpec spec = spec(annotations, request.name());
        PodState next = afterInits(pod, request.name(), spec.kind());
        if (annotations.spec().isEmpty()) {
            next = next.withPlacement(inferredPlacement(next, annotations, request));
        }
        LinuxResources sent = request.resources();
        ContainerState container = new ContainerState(
                ledger.nextSerial(),
                "",
                request.name(),
                spec.kind(),
                inherits(spec, sent.cpuQuotaMicros(), ResourceName.CPU, pod),
                inherits(spec, sent.memoryLimitBytes(), ResourceName.MEMORY, pod));
        next = next.with(container);
        if (sameCpus(pod, next)) {
            changes.note(ledger.state().with(next));
        } else {
            changes.enforce(ledger.state().with(next), "create container " + pod.fullName() + "/" + request.name());
        }
        LinuxResources filled = spec.kind() == ContainerKind.EPHEMERAL
                ? sent
                : ContainerValues.filledIn(sent, spec, pod.budget().limits(), config.cfs());
        return new Created(container.serial(), pinned(next, request.name(), filled));
    }

    /** A container that the annotation does not know was added to the running pod: it counts as ephemeral. */
    private static ContainerSpec spec(PodAnnotations annotations, String name) {
        ContainerKind unknown = annotations.spec().isPresent() ? ContainerKind.EPHEMERAL : ContainerKind.APP;
        return annotations
                .spec()
                .flatMap(pod -> pod.container(name))
                .orElse(new ContainerSpec(name, unknown, ResourceRequirements.NONE));
    }

    /** Init containers run one after the other, and before the others: when the next one comes they have ended. */
    private static PodState afterInits(PodState pod, String name, ContainerKind kind) {
        if (kind != ContainerKind.APP && kind != ContainerKind.INIT) {
            return pod;
        }
        return pod.withoutContainers(
                other -> other.kind() == ContainerKind.INIT && !other.name().equals(name));
    }

    private static boolean inherits(ContainerSpec spec, long sent, ResourceName name, PodState pod) {
        boolean own = spec.resources().limits().get(name).signum() > 0;
        boolean said = pod.inferred() && sent != 0;
        return spec.kind() != ContainerKind.EPHEMERAL
                && !own
                && !said
                && pod.budget().limits().get(name).signum() > 0;
    }

    /** With its CPUs, and its quota off where they are its own; as they are in a pod that has none. */
    LinuxResources pinned(PodState pod, String container, LinuxResources resources) {
        if (!pod.hasCpus()) {
            return resources;
        }
        ContainerCpus cpus = pod.placement().of(container, pod.runningInits());
        CpuSet set = Cpusets.ofContainer(
                pod, container, enforcer.nodePool(ledger.state().with(pod)));
        String mems = cpus instanceof ContainerCpus.NodeShared ? resources.cpusetMems() : mems(pod, resources);
        LinuxResources result = resources.withCpuset(set.toString(), mems);
        if (cpus instanceof ContainerCpus.Exclusive) {
            long period = resources.cpuPeriodMicros() > 0
                    ? resources.cpuPeriodMicros()
                    : config.cfs().periodMicros();
            result = result.withCpuQuota(-1, period);
        }
        return result;
    }

    /** As the kubelet: memory nodes are bound only where memory is accounted on them. */
    private String mems(PodState pod, LinuxResources resources) {
        boolean accounted = config.policy().memoryManagerPolicy() == MemoryManagerPolicy.STATIC;
        CpuSet nodes = CpuSet.of(pod.placement().memory().keySet());
        return accounted && !nodes.isEmpty() ? nodes.toString() : resources.cpusetMems();
    }

    /** An update that keeps the container's CPUs, its lifted quota, and the limits that it inherits. */
    LinuxResources updated(PodState pod, ContainerState container, LinuxResources sent) {
        LinuxResources result = sent;
        ContainerSpec unlimited = new ContainerSpec(container.name(), container.kind(), ResourceRequirements.NONE);
        LinuxResources inherited =
                ContainerValues.filledIn(sent, unlimited, pod.budget().limits(), config.cfs());
        if (container.inheritsCpu() && sent.cpuQuotaMicros() == 0) {
            result = result.withCpuQuota(inherited.cpuQuotaMicros(), inherited.cpuPeriodMicros());
        }
        if (container.inheritsMemory() && sent.memoryLimitBytes() == 0) {
            result = result.withMemoryLimit(inherited.memoryLimitBytes());
        }
        return pinned(pod, container.name(), result);
    }

    private PodPlacement inferredPlacement(PodState pod, PodAnnotations annotations, ContainerRequest request)
            throws RefusedException {
        Boolean knob = annotations.exclusive().get(request.name());
        PodPlacement placement = pod.placement();
        if (placement.slice(request.name()).isPresent()) {
            return placement;
        }
        int cpus = inferredCpus(pod, request, knob);
        ContainerDemand shared = new ContainerDemand(request.name(), ContainerKind.APP, 0);
        PodPlacement sharing = new PodPlacement(
                placement.demand().with(shared),
                placement.cpus(),
                placement.added(),
                placement.slices(),
                placement.memory());
        if (cpus == 0) {
            return sharing;
        }
        ContainerDemand demand = new ContainerDemand(request.name(), ContainerKind.APP, cpus);
        Placement answer = placements.slice(pod, demand, ledger.state());
        return switch (answer) {
            case Placement.Placed(PodPlacement placed) -> placed;
            case Placement.Rejected rejected -> {
                if (knob != null) {
                    throw new RefusedException(Placements.refusal(rejected));
                }
                yield sharing;
            }
        };
    }

    /**
     * CPUs of its own for a container that is known by its CRI values alone: whole, its limit its request, and not the
     * whole pod's, which is what a container without limits inherits.
     */
    private int inferredCpus(PodState pod, ContainerRequest created, @Nullable Boolean knob) throws RefusedException {
        LinuxResources sent = created.resources();
        if (knob != null && !knob) {
            return 0;
        }
        long request = CpuUnits.milliOfShares(sent.cpuShares());
        boolean whole = request > 0 && request % 1000 == 0;
        int cpus = (int) Math.min(Integer.MAX_VALUE, request / 1000);
        if (knob != null) {
            if (!whole) {
                throw new RefusedException(new Refusal(
                        "InvalidPodSpec",
                        Refusal.Kind.INVALID,
                        PodAnnotations.EXCLUSIVE_PREFIX + created.name() + ": linux.resources.cpu_shares "
                                + sent.cpuShares() + " is " + request + "m CPU; exclusive CPUs come whole"));
            }
            return cpus;
        }
        boolean guaranteed = PodIntake.cpuLimitMilli(sent) == request && sent.memoryLimitBytes() > 0;
        boolean ofPod = cpus >= pod.placement().demand().cpus();
        return whole && guaranteed && !ofPod ? cpus : 0;
    }

    /** The runtime has made the container. */
    void created(String uid, long serial, String id) {
        PodState pod = ledger.state().pod(uid).orElse(null);
        if (pod == null) {
            return;
        }
        for (ContainerState container : pod.containers()) {
            if (container.serial() == serial) {
                // Its cgroup comes only when it starts, with the CPUs that it was created with.
                ledger.accept(ledger.state().with(pod.with(container.withId(id))));
                return;
            }
        }
    }

    /** The runtime has not made the container. */
    void notCreated(String uid, long serial) {
        PodState pod = ledger.state().pod(uid).orElse(null);
        if (pod == null) {
            return;
        }
        for (ContainerState container : pod.containers()) {
            if (container.serial() == serial) {
                forget(pod, container);
                return;
            }
        }
    }

    /** The container is stopped or removed. */
    void ended(String id) {
        PodState pod = ledger.state().ofContainer(id).orElse(null);
        if (pod != null) {
            forget(pod, pod.container(id).orElseThrow());
        }
    }

    private void forget(PodState pod, ContainerState container) {
        PodState next = pod.withoutContainers(other -> other.serial() == container.serial());
        boolean known = PodAnnotations.of(pod.annotations()).spec().isPresent();
        if (!known && !next.hasContainerNamed(container.name())) {
            next = next.withPlacement(next.placement().without(container.name()));
        }
        if (sameCpus(pod, next)) {
            ledger.accept(ledger.state().with(next));
        } else {
            String occasion = "container " + pod.fullName() + "/" + container.name() + " ended";
            changes.accept(ledger.state().with(next), occasion);
        }
    }

    /** Containers come and go without any CPU set changing, mostly. */
    private static boolean sameCpus(PodState pod, PodState next) {
        return pod.placement().equals(next.placement()) && pod.runningInits().equals(next.runningInits());
    }
}
