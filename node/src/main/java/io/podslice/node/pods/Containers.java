package io.podslice.node.pods;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ContainerValues;
import io.podslice.managers.pod.LiftedQuota;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.OomScoreAdj;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeConfig;
import io.podslice.node.RefusedException;
import io.podslice.node.StateException;
import io.podslice.node.change.Changes;
import io.podslice.node.cpuset.Enforcer;
import io.podslice.node.cpuset.Partitioning;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.memory.MemoryEnforcer;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PodState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on containers' CPUs and memory nodes and on the limits that they inherit, and keeps track of their lives.
 */
public final class Containers {
    private static final Logger log = LoggerFactory.getLogger(Containers.class);

    private final NodeConfig config;
    private final Machine machine;
    private final Ledger ledger;
    private final Enforcer enforcer;
    private final Partitioning partitioning;
    private final MemoryEnforcer memory;
    private final Changes changes;
    private final InferredSlices inferred;

    public Containers(
            NodeConfig config,
            Machine machine,
            PresentMachine present,
            Ledger ledger,
            Enforcer enforcer,
            Partitioning partitioning,
            MemoryEnforcer memory,
            Changes changes,
            AllocationMeter allocations,
            BoundsCheck bounds) {
        this.config = config;
        this.machine = machine;
        this.ledger = ledger;
        this.enforcer = enforcer;
        this.partitioning = partitioning;
        this.memory = memory;
        this.changes = changes;
        this.inferred = new InferredSlices(config, present, ledger, allocations, bounds);
    }

    /**
     * A new container that its pod has room for.
     *
     * @param serial number by which the state has the container until the runtime has given it an id
     * @param resources the resources that the runtime must get for it
     */
    public record AdmittedContainer(long serial, LinuxResources resources) {}

    /**
     * Adds a new container to its pod, with its CPUs and memory, before the runtime makes it.
     *
     * @throws RefusedException if the container asks for exclusive CPUs that cannot be allocated
     * @throws CgroupException if the kernel refuses something; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    public AdmittedContainer admit(PodState pod, ContainerRequest request) throws RefusedException {
        return admit(pod, request, false);
    }

    /**
     * Adds a container that runs already, which keeps the CPUs that it was found on.
     *
     * @throws RefusedException if the container asks for exclusive CPUs that cannot be allocated
     * @throws CgroupException if the kernel refuses something; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    public AdmittedContainer takeIn(PodState pod, ContainerRequest request) throws RefusedException {
        return admit(pod, request, true);
    }

    private AdmittedContainer admit(PodState pod, ContainerRequest request, boolean runs) throws RefusedException {
        ledger.assertHeld();
        ContainerSpec spec = spec(pod, request.name());
        PodState next = afterInits(pod, request.name(), spec.kind());
        next = next.withPlacement(next.placement().afterStartOf(request.name()));
        boolean isFound = runs && next.placement().container(request.name()).isPresent();
        if (pod.spec().isEmpty() && !isFound) {
            next = next.withPlacement(inferred.place(next, request));
        }
        LinuxResources sent = request.resources();
        ContainerState container = new ContainerState(
                ledger.nextSerial(),
                "",
                request.name(),
                spec.kind(),
                inherits(spec, sent.cpuQuotaMicros(), ResourceName.CPU, pod),
                inherits(spec, sent.memoryLimitBytes(), ResourceName.MEMORY, pod),
                memory.guards(pod, request.name()));
        next = settled(pod, next.with(container), request.name());
        LinuxResources filled = spec.kind() == ContainerKind.EPHEMERAL
                ? sent
                : ContainerValues.filledIn(sent, spec, pod.budget().limits(), config.cfs());
        LinuxResources guarded = memory.guarded(next, container, withOomScoreAdj(filled, pod, spec));
        return new AdmittedContainer(container.serial(), pinned(next, request.name(), guarded));
    }

    /**
     * Fills in the value that the kubelet would have sent. It always sends one, and it alone knows the pod's priority
     * class; none of its values is 0, which in CRI means not set.
     */
    private LinuxResources withOomScoreAdj(LinuxResources sent, PodState pod, ContainerSpec container) {
        long capacity = machine.memoryBytes();
        return sent.oomScoreAdj() != 0 || pod.spec().isEmpty() || capacity == 0
                ? sent
                : sent.withOomScoreAdj(OomScoreAdj.of(pod.spec().get(), container, false, capacity));
    }

    /**
     * Makes the pod with its new container part of the current state, and returns it. If that fails, the
     * container of a pod that asks nothing shares instead of having a slice.
     */
    private PodState settled(PodState pod, PodState next, String container) {
        String occasion = "create container " + pod.fullName() + "/" + container;
        try {
            if (sameCpus(pod, next)) {
                changes.saveOrThrow(ledger.state().with(next), occasion);
            } else {
                changes.enforceOrThrow(ledger.state().with(next), occasion);
            }
            return next;
        } catch (CgroupException | StateException e) {
            if (pod.asks()) {
                throw e;
            }
            log.error("{}: {}; the container gets no exclusive CPUs", occasion, e.getMessage(), e);
            ContainerKind kind = pod.placement()
                    .container(container)
                    .map(ContainerPlacement::kind)
                    .orElse(ContainerKind.APP);
            ContainerPlacement shared = new ContainerPlacement(container, kind, CpuSet.empty());
            PodState sharing = next.withPlacement(pod.placement().with(shared));
            changes.saveAnyway(ledger.state().with(sharing), occasion);
            return sharing;
        }
    }

    /** Returns a container's spec. One that the pod's spec does not name was added to the running pod: it counts as ephemeral. */
    private static ContainerSpec spec(PodState pod, String name) {
        ContainerKind unknown = pod.spec().isPresent() ? ContainerKind.EPHEMERAL : ContainerKind.APP;
        return pod.spec()
                .flatMap(spec -> spec.container(name))
                .orElse(new ContainerSpec(name, unknown, ResourceRequirements.NONE));
    }

    /** Drops init containers that have ended: they run one after the other, and before the others. */
    private static PodState afterInits(PodState pod, String name, ContainerKind kind) {
        if (kind != ContainerKind.APP && kind != ContainerKind.INIT) {
            return pod;
        }
        return pod.withoutContainers(
                other -> other.kind() == ContainerKind.INIT && !other.name().equals(name));
    }

    private static boolean inherits(ContainerSpec spec, long sent, ResourceName name, PodState pod) {
        boolean own = spec.resources().limits().get(name).signum() > 0;
        boolean said = pod.spec().isEmpty() && sent != 0;
        return spec.kind() != ContainerKind.EPHEMERAL
                && !own
                && !said
                && pod.budget().limits().get(name).signum() > 0;
    }

    /**
     * Returns a container's resources with its CPUs and memory nodes, and with no quota in force if the CPUs are
     * exclusive.
     */
    private LinuxResources pinned(PodState pod, String container, LinuxResources resources) {
        CpuSet nodes = pod.placement().mems(container);
        String mems = nodes.isEmpty() ? resources.cpusetMems() : nodes.toString();
        if (!pod.hasCpus()) {
            return nodes.isEmpty() ? resources : resources.withCpuset(resources.cpusetCpus(), mems);
        }
        CpuSet set = enforcer.ofContainer(ledger.state().with(pod), pod, container);
        LinuxResources result = resources.withCpuset(set.toString(), mems);
        return pod.cpusOf(container).isolation().liftsQuota()
                ? LiftedQuota.lifted(result, config.cfs().periodMicros())
                : result;
    }

    /**
     * Returns an update that keeps the container's CPUs, its lifted quota, the limits that it inherits, and its memory's
     * protection: with each update the runtime writes all that it has ever been told.
     */
    public LinuxResources updated(PodState pod, ContainerState container, LinuxResources sent) {
        ledger.assertHeld();
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
        return pinned(pod, container.name(), memory.guarded(pod, container, result));
    }

    /** Takes note that the runtime is about to be told of the container's memory protection, if podslice protects it. */
    public void told(PodState pod, ContainerState container) {
        ledger.assertHeld();
        if (!container.guarded() && memory.guards(pod, container.name())) {
            changes.saveAnyway(
                    ledger.state().with(pod.with(container.withGuarded())),
                    "memory of container " + pod.fullName() + "/" + container.name());
        }
    }

    /** Takes note of the id that the runtime has given a container, which it has made but not started. */
    public void identified(String uid, long serial, String id) {
        ledger.assertHeld();
        PodState pod = ledger.state().pod(uid).orElse(null);
        if (pod == null) {
            return;
        }
        for (ContainerState container : pod.containers()) {
            if (container.serial() == serial) {
                // The container's cgroup comes only when it starts, with the CPUs that it was created with.
                enforcer.await(pod.cgroupOf(id));
                changes.saveAnyway(
                        ledger.state().with(pod.with(container.withId(id))),
                        "container " + pod.fullName() + "/" + container.name() + " created");
                return;
            }
        }
    }

    /**
     * Brings a container that has just got its cgroup to its desired cpuset, and makes it a partition if it has exclusive
     * CPUs. The runtime has written the CPUs that it had stored, and the pod or the node's shared pool may have lost some of
     * them since.
     */
    public void started(String id) {
        ledger.assertHeld();
        PodState pod = ledger.state().ofContainer(id).orElse(null);
        if (pod == null || !pod.hasCpus()) {
            return;
        }
        ContainerState container = pod.container(id).orElseThrow();
        CpuSet desired = enforcer.ofContainer(ledger.state(), pod, container.name());
        CgroupPath path = pod.cgroupOf(id);
        if (enforcer.differs(path, desired) || partitioning.awaits(ledger.state(), path)) {
            changes.enforceAnyway(ledger.state(), "container " + pod.fullName() + "/" + container.name() + " started");
        }
    }

    /** Removes a container from the state that the runtime has not made. */
    public void abandoned(String uid, long serial) {
        ledger.assertHeld();
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

    /** Removes a container from the state that is stopped or removed, and gives back its CPUs. */
    public void ended(String id) {
        ledger.assertHeld();
        PodState pod = ledger.state().ofContainer(id).orElse(null);
        if (pod != null) {
            forget(pod, pod.container(id).orElseThrow());
        }
    }

    private void forget(PodState pod, ContainerState container) {
        PodState next = pod.withoutContainers(other -> other.serial() == container.serial());
        if (pod.spec().isEmpty() && !next.hasContainerNamed(container.name())) {
            next = next.withPlacement(next.placement().without(container.name()));
        }
        String occasion = "container " + pod.fullName() + "/" + container.name() + " ended";
        if (sameCpus(pod, next)) {
            changes.saveAnyway(ledger.state().with(next), occasion);
        } else {
            changes.enforceAnyway(ledger.state().with(next), occasion);
        }
    }

    /** Tells if no CPU set differs between the two, which is so for most containers that start or end. */
    private static boolean sameCpus(PodState pod, PodState next) {
        return pod.placement().cpus().equals(next.placement().cpus())
                && pod.sharedPool().equals(next.sharedPool());
    }
}
