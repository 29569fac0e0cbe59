package io.podslice.node.brain;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.node.PodPhase;
import io.podslice.node.change.Changes;
import io.podslice.node.cpuset.Enforcer;
import io.podslice.node.cpuset.Partitioning;
import io.podslice.node.resize.MemoryReclaims;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import io.podslice.node.sync.FoundPods;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a state that was saved, and the cgroups, to what is there when podslice starts. */
final class Resumption {
    private static final Logger log = LoggerFactory.getLogger(Resumption.class);

    private final CgroupFiles files;
    private final Clock clock;
    private final Ledger ledger;
    private final Changes changes;
    private final Enforcer enforcer;
    private final Partitioning partitioning;
    private final MemoryReclaims reclaims;

    Resumption(
            CgroupFiles files,
            Clock clock,
            Ledger ledger,
            Changes changes,
            Enforcer enforcer,
            Partitioning partitioning,
            MemoryReclaims reclaims) {
        this.files = files;
        this.clock = clock;
        this.ledger = ledger;
        this.changes = changes;
        this.enforcer = enforcer;
        this.partitioning = partitioning;
        this.reclaims = reclaims;
    }

    /**
     * Takes back an unfinished change, drops pods whose cgroup is gone, adds pods that the state has lost, and brings
     * the cgroups to that. The call that waited for the runtime to start a sandbox is gone too: its pod keeps to its
     * shared pool until its next call tells more, or until it counts as lost.
     *
     * @param save saves the state
     * @param qos the memory protection that is in effect
     * @param found finds the pods that the state has lost
     */
    void resume(Runnable save, MemoryQos qos, FoundPods found) {
        ledger.remarks().forEach(log::warn);
        changes.takeBack(ledger.undo());
        save.run();
        reclaims.endAll();
        enforcer.findRestricted(ledger.state());
        partitioning.find(ledger.state());
        NodeState next = ledger.state().withMemoryQos(qos);
        for (PodState pod : ledger.state().pods()) {
            if (!files.exists(pod.cgroup())) {
                log.info("pod {} (uid {}) ended while podslice was away", pod.fullName(), pod.uid());
                next = next.without(pod.uid());
            } else if (pod.phase() == PodPhase.STARTING) {
                next = next.with(pod.withPhase(PodPhase.UNCONFIRMED, pod.sandboxId(), clock.instant()));
            }
        }
        for (PodState pod : found.beside(next)) {
            log.warn(
                    "cgroup {}: not in the state, but its containers are restricted to CPUs {}: it keeps them",
                    pod.cgroup(),
                    pod.placement().cpus());
            next = next.with(pod);
        }
        changes.enforceAnyway(next, "resume");
    }
}
