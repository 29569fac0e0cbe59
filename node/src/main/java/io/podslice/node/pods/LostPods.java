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
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds lost pods, which ended without a call or an event that says so: their cgroup is gone, or has no process
 * although they should have been running for a while.
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

    private boolean release(List<PodState> lost) {
        if (lost.isEmpty()) {
            return false;
        }
        NodeState next = ledger.state();
        for (PodState pod : lost) {
            if (pod.phase() == PodPhase.STOPPED) {
                log.debug("pod {} (uid {}) has ended, and its cgroup is gone", pod.fullName(), pod.uid());
            } else if (pod.hasCpus()) {
                log.warn(
                        "pod {} (uid {}) is gone without notice: its CPUs {} are given back",
                        pod.fullName(),
                        pod.uid(),
                        pod.placement().cpus());
            }
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
            case UNCONFIRMED, RUNNING -> settled && isEmpty(pod.cgroup());
            case STOPPED -> pod.madeCgroup() ? settled && isEmpty(pod.cgroup()) : !files.exists(pod.cgroup());
        };
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
