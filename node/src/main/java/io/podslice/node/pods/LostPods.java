package io.podslice.node.pods;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.node.PodPhase;
import io.podslice.node.change.Changes;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import io.podslice.node.state.RoundRobin;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds lost pods, which ended without a call or an event that says so: their cgroup is gone, or has had no process for
 * long. A cgroup is empty for a while before the runtime answers for a sandbox that it stops, and when all processes of
 * a pod have been killed whose sandbox is about to be made anew.
 */
public final class LostPods {
    private static final Logger log = LoggerFactory.getLogger(LostPods.class);

    private static final int PODS_A_SWEEP = 3;

    private final CgroupFiles files;
    private final Clock clock;
    private final Duration lostAfter;
    private final Ledger ledger;
    private final Changes changes;

    /** Uids of pods that have CPUs: they are few, and must be found soon when they are lost. */
    private final RoundRobin<String> withCpus = new RoundRobin<>(PODS_A_SWEEP);

    private final RoundRobin<String> others = new RoundRobin<>(PODS_A_SWEEP);

    /** The times at which pods' cgroups were first found without a process, by uid. */
    private final Map<String, Instant> emptySince = new HashMap<>();

    public LostPods(CgroupFiles files, Clock clock, Duration lostAfter, Ledger ledger, Changes changes) {
        this.files = files;
        this.clock = clock;
        this.lostAfter = lostAfter;
        this.ledger = ledger;
        this.changes = changes;
    }

    /**
     * Drops lost pods from the state, and gives back their CPUs and memory.
     *
     * @return true if any was lost
     */
    boolean release() {
        ledger.assertHeld();
        List<PodState> lost = new ArrayList<>();
        for (PodState pod : ledger.state().pods()) {
            if (isLost(pod)) {
                lost.add(pod);
            }
        }
        return release(lost);
    }

    /** Drops the lost pods among a few, the next few on each call: one sweep's share. */
    public void releaseSome() {
        ledger.assertHeld();
        List<PodState> lost = new ArrayList<>();
        for (String uid : withCpus.next(() -> uids(true))) {
            ledger.state().pod(uid).filter(this::isLost).ifPresent(lost::add);
        }
        for (String uid : others.next(() -> uids(false))) {
            ledger.state().pod(uid).filter(this::isLost).ifPresent(lost::add);
        }
        for (PodState pod : ledger.state().pods()) {
            // Few, and what they still have is wanted by others.
            if (pod.phase() == PodPhase.STOPPED && !lost.contains(pod) && isLost(pod)) {
                lost.add(pod);
            }
        }
        release(lost);
        emptySince.keySet().removeIf(uid -> ledger.state().pod(uid).isEmpty());
    }

    private List<String> uids(boolean haveCpus) {
        List<String> uids = new ArrayList<>();
        for (PodState pod : ledger.state().pods()) {
            if (pod.hasCpus() == haveCpus) {
                uids.add(pod.uid());
            }
        }
        return uids;
    }

    /** Drops a pod from the state if it is lost; returns true if it was. */
    boolean releaseIfLost(PodState pod) {
        ledger.assertHeld();
        return isLost(pod) && release(List.of(pod));
    }

    /**
     * Returns the warning of a lost pod; empty for one that has ended in the ordinary way. The kubelet removes the cgroup
     * of every pod that has ended; where all processes were gone already, it has stopped no sandbox before that.
     *
     * @param exists true if the pod's cgroup is still there
     */
    static Optional<String> warning(PodState pod, boolean exists) {
        boolean removedByKubelet = !pod.madeCgroup() && !exists;
        return pod.phase() == PodPhase.STOPPED || removedByKubelet || !pod.hasCpus()
                ? Optional.empty()
                : Optional.of("pod " + pod.fullName() + " (uid " + pod.uid() + ") is gone without notice: its CPUs "
                        + pod.placement().cpus() + " are given back");
    }

    private boolean release(List<PodState> lost) {
        if (lost.isEmpty()) {
            return false;
        }
        NodeState next = ledger.state();
        for (PodState pod : lost) {
            emptySince.remove(pod.uid());
            warning(pod, files.exists(pod.cgroup())).ifPresent(log::warn);
            if (pod.madeCgroup()) {
                changes.removeCgroup(pod);
            }
            next = next.without(pod.uid());
        }
        changes.enforceAnyway(next, "lost pods");
        return true;
    }

    private boolean isLost(PodState pod) {
        boolean settled = clock.instant().isAfter(pod.since().plus(lostAfter));
        return switch (pod.phase()) {
            case STARTING -> false;
            case UNCONFIRMED -> settled && isEmpty(pod.cgroup());
            case RUNNING -> settled && (!files.exists(pod.cgroup()) || isEmptyForLong(pod));
            case STOPPED -> pod.madeCgroup() ? settled && isEmpty(pod.cgroup()) : !files.exists(pod.cgroup());
        };
    }

    private boolean isEmptyForLong(PodState pod) {
        if (!isEmpty(pod.cgroup())) {
            emptySince.remove(pod.uid());
            return false;
        }
        Instant since = emptySince.get(pod.uid());
        if (since == null || since.isBefore(pod.since())) {
            emptySince.put(pod.uid(), clock.instant());
            return false;
        }
        return clock.instant().isAfter(since.plus(lostAfter));
    }

    /** Tells if no process is in the cgroup or below it. One without {@code cgroup.events} counts as used. */
    public boolean isEmpty(CgroupPath path) {
        try {
            return files.read(path, CgroupFile.EVENTS).lines().anyMatch("populated 0"::equals);
        } catch (CgroupException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return !files.exists(path);
            }
            throw e;
        }
    }
}
