package io.podslice.node.brain;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.DraftCgroups;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.DeviceLocality;
import io.podslice.node.NodeConfig;
import io.podslice.node.PlanListener;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.UnsavedState;
import java.time.Clock;

/**
 * A copy of a running node, on which to try what a pod would get: a second brain with an equal state, whose writes go to a draft
 * of the cgroup tree. It reads the node's cgroups, and writes neither to them nor to the saved state; the runtime hears nothing of
 * it, and nothing is counted. Short-lived, and for one thread.
 *
 * @param brain decides as the node's own would
 * @param files the draft, in which a caller plays kubelet and runtime
 * @param config the node's configuration, with the bounds that are in force
 * @param machine as pods can use it at the moment
 */
public record Rehearsal(NodeBrain brain, CgroupFiles files, NodeConfig config, Machine machine) {

    static Rehearsal of(
            NodeConfig config, Machine machine, CgroupFiles files, DeviceLocality devices, NodeState state) {
        DraftCgroups draft = new DraftCgroups(files);
        NodeBrain copy = new NodeBrain(
                config,
                machine,
                draft,
                new PodPlacer(machine, config.policy()),
                devices,
                new StateFolder(new UnsavedState(state)),
                Clock.systemUTC(),
                PlanListener.NONE);
        return new Rehearsal(copy, draft, config, machine);
    }
}
