package io.podslice.node.resize;

import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.placement.Placement;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodSizes;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.ExclusiveCpus;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.ResizeCondition;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.pods.AllocationMeter;
import io.podslice.node.pods.PodIntake;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PodBudget;
import io.podslice.node.state.PodState;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Computes the placements of pods that are resized. Guarded by the brain's lock. */
final class ResizedPlacements {
    private final PresentMachine machine;
    private final Ledger ledger;
    private final AllocationMeter allocations;

    ResizedPlacements(PresentMachine machine, Ledger ledger, AllocationMeter allocations) {
        this.machine = machine;
        this.ledger = ledger;
        this.allocations = allocations;
    }

    /**
     * Places the pod for the budget that CRI names.
     *
     * @param sent the values in which it was named; zero means not sent
     * @throws RefusedException if there are not the CPUs or the memory for it
     */
    PodPlacement ofBudget(PodState pod, PodBudget budget, LinuxResources sent) throws RefusedException {
        PodPlacement before = pod.placement();
        int size = before.ofPod().size();
        long milli = size == 0 ? 0 : PodIntake.cpuLimitMilli(sent);
        int cpus = milli == 0 ? size : (int) Math.min(Integer.MAX_VALUE, milli / 1000);
        if (milli % 1000 != 0) {
            throw infeasible(notWhole(before, milli));
        }
        long memory = before.memoryBytes() > 0 && budget.limits().memoryBytes() > 0
                ? budget.limits().memoryBytes()
                : before.memoryBytes();
        return placement(pod, new PodSizes(cpus, memory));
    }

    private PodPlacement placement(PodState pod, PodSizes sizes) throws RefusedException {
        if (sizes.equals(PodSizes.of(pod.placement()))) {
            return pod.placement();
        }
        return switch (machine.placer().resize(ledger.state().placements(), pod.uid(), sizes)) {
            case Placement.Placed(PodPlacement placed) -> placed;
            case Placement.Rejected rejected -> {
                allocations.rejected(
                        rejected.rejection(), !pod.placement().ofPod().isEmpty());
                throw new RefusedException(Refusal.of(rejected));
            }
        };
    }

    /**
     * Places a pod without a spec for an update of a container: an exclusive slice has as many CPUs as the container's
     * shares are worth. An update without shares, as of a CPU set alone, changes no size.
     *
     * @throws RefusedException if there are not the CPUs for it
     */
    PodPlacement ofContainer(PodState pod, String container, LinuxResources sent) throws RefusedException {
        PodPlacement before = pod.placement();
        ContainerPlacement had = before.container(container).orElse(null);
        if (had == null || !had.isExclusive() || sent.cpuShares() <= 0) {
            return before;
        }
        SortedMap<String, Integer> slices = new TreeMap<>();
        addSlice(had, CpuUnits.milliOfShares(sent.cpuShares()), slices);
        return placement(
                pod, new PodSizes(before.ofPod().size(), before.memoryBytes(), slices, Collections.emptySortedMap()));
    }

    /**
     * Places the pod on as many CPUs as its budget entitles it to, where its set is smaller: a resize was made while
     * podslice was away, or the pod was found on fewer CPUs.
     *
     * @return empty if the pod has them, or the node has no more to give now
     */
    Optional<PodPlacement> whole(PodState pod) {
        PodPlacement before = pod.placement();
        int size = before.ofPod().size();
        if (size == 0) {
            return Optional.empty();
        }
        long milli = pod.budget().limits().cpuMillis();
        if (milli % 1000 != 0 || milli / 1000 <= size) {
            return Optional.empty();
        }
        PodSizes sizes = new PodSizes((int) Math.min(Integer.MAX_VALUE, milli / 1000), before.memoryBytes());
        return machine.placer().resize(ledger.state().placements(), pod.uid(), sizes)
                        instanceof Placement.Placed(var placed)
                ? Optional.of(placed)
                : Optional.empty();
    }

    /**
     * Places the pod for a desired spec.
     *
     * @throws RefusedException if there are not the CPUs or the memory for it
     */
    PodPlacement ofSpec(PodState pod, PodSpec desired) throws RefusedException {
        PodPlacement before = pod.placement();
        // A pod without resources of its own has a set if it was placed before its spec was known.
        long milli = desired.hasPodLevelResources()
                ? desired.resources().limits().cpuMillis()
                : EffectiveResources.of(desired, ResourceList.EMPTY).limits().cpuMillis();
        int size = before.ofPod().size();
        if (size > 0 && milli % 1000 != 0) {
            throw infeasible(notWhole(before, milli));
        }
        long memory = before.memoryBytes() > 0 ? desired.resources().limits().memoryBytes() : 0;
        int cpus = size == 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, milli / 1000);
        return placement(pod, desired, new PodSizes(cpus, memory));
    }

    /**
     * Places the pod for a desired spec of its containers; the sizes of the pod as a whole stay.
     *
     * @throws RefusedException if there are not the CPUs or the memory for it
     */
    PodPlacement ofContainers(PodState pod, PodSpec desired) throws RefusedException {
        return placement(pod, desired, PodSizes.of(pod.placement()));
    }

    /** @param ofPod the desired sizes of the pod as a whole */
    private PodPlacement placement(PodState pod, PodSpec desired, PodSizes ofPod) throws RefusedException {
        PodPlacement before = pod.placement();
        SortedMap<String, Integer> slices = new TreeMap<>();
        SortedMap<String, Long> blocks = new TreeMap<>();
        for (ContainerSpec container : desired.containers()) {
            addSlice(pod, desired, container, slices);
            if (before.memory().ofPod().isEmpty()) {
                long bytes = container.resources().requests().memoryBytes();
                if (bytes != requestOf(pod, container.name()).memoryBytes()) {
                    blocks.put(container.name(), bytes);
                }
            }
        }
        return placement(pod, new PodSizes(ofPod.cpus(), ofPod.memoryBytes(), slices, blocks));
    }

    private static ResourceList requestOf(PodState pod, String container) {
        return pod.spec()
                .flatMap(spec -> spec.container(container))
                .map(spec -> spec.resources().requests())
                .orElse(ResourceList.EMPTY);
    }

    /**
     * Adds the size of a container's exclusive CPUs if it changes. A container with exclusive CPUs keeps some; one that
     * shares goes on sharing (KEP-5554).
     */
    private void addSlice(PodState pod, PodSpec desired, ContainerSpec container, SortedMap<String, Integer> slices)
            throws RefusedException {
        ContainerPlacement had = pod.placement().container(container.name()).orElse(null);
        if (had == null || container.kind() == ContainerKind.EPHEMERAL || isSame(pod, container)) {
            return;
        }
        long milli = container.resources().requests().cpuMillis();
        if (!had.isExclusive()) {
            Boolean knob = pod.exclusive(container.name());
            boolean pinned = pod.placement().hasCpus();
            if (pinned && ExclusiveCpus.of(desired, container, knob) > 0) {
                throw infeasible("container \"" + container.name() + "\" asked " + Quantity.ofMillis(milli)
                        + " CPU, with which it would have CPUs for itself; it shares, and a running container cannot"
                        + " go from the one to the other");
            }
            return;
        }
        addSlice(had, milli, slices);
    }

    /** Adds the size of a container's exclusive CPUs if it changes to these millicores, which must be whole CPUs. */
    private static void addSlice(ContainerPlacement had, long milli, SortedMap<String, Integer> slices)
            throws RefusedException {
        int size = had.own().size();
        if (milli == 0 || milli % 1000 != 0) {
            throw infeasible("container \"" + had.name() + "\" asked " + Quantity.ofMillis(milli) + " CPU; it has "
                    + size + " CPUs for itself (" + had.own() + "), which come whole: ask for "
                    + Math.max(1, Math.ceilDiv(milli, 1000L)));
        }
        if (milli / 1000 != size) {
            slices.put(had.name(), (int) Math.min(Integer.MAX_VALUE, milli / 1000));
        }
    }

    private static boolean isSame(PodState pod, ContainerSpec desired) {
        return pod.spec()
                .flatMap(spec -> spec.container(desired.name()))
                .map(container -> container.resources().equals(desired.resources()))
                .orElse(false);
    }

    private static String notWhole(PodPlacement placement, long milli) {
        return "asked a CPU limit of " + Quantity.ofMillis(milli) + "; the pod has "
                + placement.ofPod().size() + " CPUs of its own (" + placement.ofPod()
                + "), which come whole: ask for " + Math.ceilDiv(milli, 1000L);
    }

    /** Returns the refusal of a resize that this pod can never have on this node. */
    static RefusedException infeasible(String message) {
        return new RefusedException(new Refusal(ResizeCondition.INFEASIBLE, Refusal.Kind.PRECONDITION, message));
    }
}
