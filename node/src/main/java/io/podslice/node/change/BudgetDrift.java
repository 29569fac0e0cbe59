package io.podslice.node.change;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import io.podslice.node.PodPhase;
import io.podslice.node.cpuset.RoundRobin;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares pods' cgroups with their budgets, a few pods on each sweep: {@code systemctl daemon-reload} resets values
 * that systemd has not been told of. Repairs what differs, but does not fight over it. Guarded by the brain's lock.
 */
public final class BudgetDrift {
    private static final Logger log = LoggerFactory.getLogger(BudgetDrift.class);

    /** Pods that a sweep reads, so that it costs the same whatever the number of pods. */
    private static final int PODS_A_SWEEP = 2;

    /**
     * Repairs of one pod before podslice leaves it alone; the count starts anew once the pod's values are found right.
     */
    private static final int MOST_REPAIRS = 3;

    private final CgroupFiles files;
    private final Map<String, Integer> repairs = new HashMap<>();

    /** Uids of the pods, a few for each sweep. */
    private final RoundRobin<String> tour = new RoundRobin<>(PODS_A_SWEEP);

    public BudgetDrift(CgroupFiles files) {
        this.files = files;
    }

    /** Returns the plans that repair this sweep's pods. */
    public List<Plan> repairs(NodeState state) {
        List<Plan> plans = new ArrayList<>();
        for (String uid : tour.next(() -> uids(state))) {
            state.pod(uid).filter(BudgetDrift::isOurs).ifPresent(pod -> inspect(pod, plans));
        }
        return plans;
    }

    private List<String> uids(NodeState state) {
        List<String> uids = new ArrayList<>();
        state.pods().forEach(pod -> uids.add(pod.uid()));
        repairs.keySet().retainAll(uids);
        return uids;
    }

    /**
     * Tells if podslice repairs the pod's budget. The kubelet does so for an inferred pod; a pod whose memory a resize
     * is reclaiming is about to change.
     */
    private static boolean isOurs(PodState pod) {
        return pod.phase() == PodPhase.RUNNING && !pod.inferred() && !pod.isReclaiming();
    }

    private void inspect(PodState pod, List<Plan> plans) {
        Plan values = PodCgroup.values(pod.cgroup(), pod.budget(), List.of());
        List<AppliedStep> wrong;
        try {
            wrong = new PlanRunner(new DraftCgroups(files)).apply(values).steps();
        } catch (CgroupException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return; // the pod is gone: the search for lost pods finds that out
            }
            throw e;
        }
        if (wrong.isEmpty()) {
            repairs.remove(pod.uid());
            return;
        }
        int count = repairs.merge(pod.uid(), 1, Integer::sum);
        if (count == MOST_REPAIRS + 1) {
            log.warn(
                    "pod {}: another program keeps overwriting its budget, {}; podslice leaves it alone",
                    pod.fullName(),
                    wrong.getFirst().describe());
        }
        if (count <= MOST_REPAIRS) {
            plans.add(values);
        }
    }
}
