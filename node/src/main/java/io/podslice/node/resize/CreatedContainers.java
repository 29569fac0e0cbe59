package io.podslice.node.resize;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.ResizeCondition;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.change.Changes;
import io.podslice.node.pods.Containers;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.Guard;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PodState;
import io.podslice.node.state.Resizing;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Containers that are created and not started. They have no cgroup that could be written, and start on the CPUs that the
 * runtime has stored: those that their pod is about to give up must leave the runtime's record before another pod gets
 * them.
 */
public final class CreatedContainers {
    private final Guard guard;
    private final Clock clock;
    private final CgroupFiles files;
    private final Ledger ledger;
    private final Changes changes;
    private final Containers containers;
    private final RuntimeNotifications notifications;
    private final RuntimeUpdates runtime;

    /** The ids of the containers that the runtime is being told of. */
    private final Set<String> beingTold = ConcurrentHashMap.newKeySet();

    public CreatedContainers(
            Guard guard,
            Clock clock,
            CgroupFiles files,
            Ledger ledger,
            Changes changes,
            Containers containers,
            RuntimeNotifications notifications,
            RuntimeUpdates runtime) {
        this.guard = guard;
        this.clock = clock;
        this.files = files;
        this.ledger = ledger;
        this.changes = changes;
        this.containers = containers;
        this.notifications = notifications;
        this.runtime = runtime;
    }

    /**
     * An update that takes CPUs from a container that is not started.
     *
     * @param id the runtime's id of the container
     * @param name its name in the pod
     * @param resources its resources without the CPUs that it loses
     */
    record Loss(String id, String name, LinuxResources resources) {}

    /**
     * Takes the CPUs that a step takes from a pod out of the runtime's records of its created containers. The NRI door's
     * runtime waits for the answer to its event: it is told by the next sweep, and asks at the container's start.
     *
     * @param but the id of a container whose update the runtime is getting already; empty for none
     * @throws RefusedException if the runtime cannot be told
     */
    List<Loss> told(CriResizes.Lookup lookup, CriResizes.Step step, String but, Door door) throws RefusedException {
        if (door == Door.NRI) {
            return List.of();
        }
        List<Loss> losses = guard.look(() -> {
            PodState pod = lookup.pod();
            try {
                return pod == null ? List.of() : losses(pod, step.of(pod), but);
            } catch (RefusedException e) {
                return List.of(); // the decision that follows refuses it
            }
        });
        try {
            tell(losses);
        } catch (RefusedException e) {
            tellAgain(losses);
            throw e;
        }
        return losses;
    }

    /** Leaves created containers to tell the runtime of whose pod keeps the CPUs in the end. */
    void tellAgain(List<Loss> losses) {
        if (losses.isEmpty()) {
            return;
        }
        guard.quietly("created containers keep their CPUs", () -> {
            for (Loss loss : losses) {
                PodState pod = ledger.state().ofContainer(loss.id()).orElse(null);
                if (pod != null) {
                    PodState left = pod.with(notifications.beside(pod, List.of(loss.id()), clock.instant()));
                    changes.saveAnyway(ledger.state().with(left), "containers of " + pod.fullName());
                }
            }
        });
    }

    /** Returns a pod's resizes with its created containers left to tell the runtime of, where it has not been told. */
    Resizing untold(PodState pod, Allocation allocation, Resizing resizing, Door door) {
        if (door == Door.CRI) {
            return resizing;
        }
        List<String> ids = losses(pod, allocation, "").stream().map(Loss::id).toList();
        return ids.isEmpty() ? resizing : notifications.beside(pod.with(resizing), ids, clock.instant());
    }

    /**
     * Returns the updates that take from a pod's created containers the CPUs that an allocation leaves them no more.
     *
     * @param but the id of a container whose update the runtime is getting already; empty for none
     */
    private List<Loss> losses(PodState pod, Allocation allocation, String but) {
        ledger.assertHeld();
        List<Loss> losses = new ArrayList<>();
        if (!runtime.isConnected() || allocation.placement().equals(pod.placement())) {
            return losses;
        }
        PodState resized = pod.resized(allocation, pod.resizing());
        for (ContainerState container : resized.containers()) {
            boolean loses = !resized.cpusOf(container.name())
                    .cpus()
                    .containsAll(pod.cpusOf(container.name()).cpus());
            if (loses
                    && !container.id().isEmpty()
                    && !container.id().equals(but)
                    && !files.exists(pod.cgroupOf(container.id()))) {
                losses.add(new Loss(
                        container.id(), container.name(), containers.updated(resized, container, LinuxResources.NONE)));
            }
        }
        return losses;
    }

    /**
     * Tells the runtime. Blocks; must be called without the brain's lock, and not while the runtime waits for an answer.
     *
     * @throws RefusedException if the runtime cannot be told, so that the CPUs must stay the pod's
     */
    private void tell(List<Loss> losses) throws RefusedException {
        for (Loss loss : losses) {
            beingTold.add(loss.id());
            try {
                if (!runtime.update(loss.id(), loss.resources())) {
                    throw new RefusedException(new Refusal(
                            ResizeCondition.DEFERRED,
                            Refusal.Kind.PRECONDITION,
                            "container \"" + loss.name() + "\" is created and not started; the runtime cannot be told"
                                    + " that it has CPUs " + loss.resources().cpusetCpus() + " alone from now on"));
                }
            } finally {
                beingTold.remove(loss.id());
            }
        }
    }

    /**
     * Tells if an update of a container comes from {@link #tell}: a runtime with NRI asks its plugins about it, podslice
     * among them, while the pod still has the CPUs.
     */
    boolean isBeingTold(String id, LinuxResources sent) {
        return beingTold.contains(id) && !sent.cpusetCpus().isEmpty();
    }
}
