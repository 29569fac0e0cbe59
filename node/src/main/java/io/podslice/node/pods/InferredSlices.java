package io.podslice.node.pods;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.Placement;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodSizes;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.QosCgroups;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeConfig;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PodState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The exclusive CPUs of containers that no spec names, told by their CRI values as they are created. */
final class InferredSlices {
    private final NodeConfig config;
    private final PresentMachine present;
    private final Ledger ledger;
    private final AllocationMeter allocations;
    private final BoundsCheck bounds;

    InferredSlices(
            NodeConfig config, PresentMachine present, Ledger ledger, AllocationMeter allocations, BoundsCheck bounds) {
        this.config = config;
        this.present = present;
        this.ledger = ledger;
        this.allocations = allocations;
        this.bounds = bounds;
    }

    /**
     * Places a container of a pod without a spec. One that has a slice, as of a sandbox before, keeps it, or as much of it
     * as its new size leaves.
     *
     * @throws RefusedException if an annotation asks for exclusive CPUs that it cannot have
     */
    PodPlacement place(PodState pod, ContainerRequest request) throws RefusedException {
        Boolean knob = pod.exclusive(request.name());
        PodPlacement placement = pod.placement();
        PodPlacement sharing =
                placement.with(new ContainerPlacement(request.name(), ContainerKind.APP, CpuSet.empty()));
        int had = placement
                .container(request.name())
                .map(container -> container.own().size())
                .orElse(0);
        if (had > 0 && request.resources().cpuShares() == 0) {
            return placement;
        }
        int cpus = inferredCpus(pod.withPlacement(sharing), request, knob);
        if (had > 0 && cpus == had) {
            return placement;
        }
        if (cpus == 0) {
            allocations.placed(placement, sharing);
            return sharing;
        }
        NodePlacements all = ledger.state().with(pod).placements();
        Placement answer = had == 0
                ? present.placer().carve(all, pod.uid(), request.name(), cpus)
                : present.placer().resize(all, pod.uid(), PodSizes.of(placement).withSlice(request.name(), cpus));
        return switch (answer) {
            case Placement.Placed(PodPlacement placed) -> {
                try {
                    bounds.container(ledger.state(), pod, pod.withPlacement(placed));
                } catch (RefusedException e) {
                    if (knob != null) {
                        throw e;
                    }
                    yield sharing;
                }
                allocations.placed(placement, placed);
                yield placed;
            }
            case Placement.Rejected rejected -> {
                allocations.rejected(rejected.rejection(), !placement.ofPod().isEmpty());
                if (knob != null) {
                    throw new RefusedException(Refusal.of(rejected));
                }
                yield sharing;
            }
        };
    }

    /**
     * Returns the number of exclusive CPUs of a container that is known by its CRI values alone; 0 for none. It gets
     * them if its request is whole CPUs, equals its limit, and is less than the whole pod's, which a container without
     * limits inherits.
     */
    private int inferredCpus(PodState pod, ContainerRequest asked, @Nullable Boolean knob) throws RefusedException {
        LinuxResources sent = asked.resources();
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
                        PodAnnotations.EXCLUSIVE_PREFIX + asked.name() + ": linux.resources.cpu_shares "
                                + sent.cpuShares() + " is " + request + "m CPU; exclusive CPUs come whole"));
            }
            return cpus;
        }
        boolean guaranteed = PodIntake.cpuLimitMilli(sent) == request && sent.memoryLimitBytes() > 0;
        return whole && guaranteed && cpus <= mostInferred(pod) ? cpus : 0;
    }

    /**
     * Returns the number of CPUs that a container may get by inference at most: fewer than the pod's set, or, where
     * pods have no sets, the rest of the pod's CPU limit.
     */
    private int mostInferred(PodState pod) {
        if (config.policy().givesPodSets()) {
            return pod.placement().ofPod().size() - 1;
        }
        boolean guaranteed = config.policy().cpuManagerPolicy() == CpuManagerPolicy.STATIC
                && new QosCgroups(config.layout()).ofPod(pod.cgroup()).equals(Optional.of(QosClass.GUARANTEED));
        long budget = CpuUnits.milliOfQuota(
                        pod.budget().cgroup().cpuQuotaMicros(),
                        pod.budget().cgroup().cpuPeriodMicros())
                / 1000;
        return guaranteed ? (int) budget - pod.placement().sliced().size() : 0;
    }
}
