package io.podslice.agent.api;

import io.podslice.cgroups.machine.Machine;
import io.podslice.node.ManagedNode;
import io.podslice.node.NodeView;
import io.podslice.node.NodeView.PodView;
import io.podslice.node.ResizeCondition;
import io.podslice.node.RevisedView;
import io.podslice.node.SourceHealth;
import io.podslice.proto.v1.NodeCondition;
import io.podslice.proto.v1.SpecSource;
import io.podslice.proto.v1.StatusResponse;
import java.util.function.Supplier;

/** The node as a whole. */
public final class NodeStatus {
    private NodeStatus() {}

    /**
     * Tells a node's CPUs, pools and machine, without what is read anew for each call: supply, sources, configuration.
     *
     * @param machine the node's
     */
    public static StatusResponse of(RevisedView revised, Machine machine) {
        StatusResponse.Builder status = StatusResponse.newBuilder().setVersion(version());
        ready(status, revised);
        return status.setTopology(Topologies.of(machine)).build();
    }

    /** @param configuration says which configuration is in force, in a line */
    static StatusResponse of(ApiNode node, String configuration) {
        StatusResponse.Builder status =
                StatusResponse.newBuilder().setVersion(version()).setConfiguration(configuration);
        switch (node) {
            case ApiNode.Opening() ->
                status.setCondition(NodeCondition.NODE_CONDITION_OPENING)
                        .setMessage("podslice is still reading its state");
            case ApiNode.Unmanaged(String problem) ->
                status.setCondition(NodeCondition.NODE_CONDITION_UNMANAGED).setMessage(problem);
            case ApiNode.Managed(ManagedNode managed, Supplier<String> cgroups) -> {
                ready(status, managed.revisedSnapshot());
                status.setCgroupDriver(cgroups.get())
                        .setTopology(Topologies.of(managed.machine()))
                        .setSupply(Supplies.of(managed.allocations()));
                managed.sources().forEach(source -> status.addSources(source(source)));
            }
        }
        return status.build();
    }

    private static void ready(StatusResponse.Builder status, RevisedView revised) {
        NodeView view = revised.node();
        int pending = 0;
        for (PodView pod : view.pods()) {
            for (ResizeCondition condition : pod.conditions()) {
                pending += condition.type() == ResizeCondition.Type.PENDING ? 1 : 0;
            }
        }
        status.setCondition(NodeCondition.NODE_CONDITION_READY)
                .setRevision(revised.revision())
                .setCpus(view.cpus().toString())
                .setReservedCpus(view.reserved().toString())
                .setSharedPool(view.nodeSharedPool().toString())
                .setExclusiveCpus(view.exclusiveCpus().toString())
                .setPods(view.pods().size())
                .setPendingResizes(pending);
    }

    private static SpecSource source(SourceHealth health) {
        return SpecSource.newBuilder()
                .setName(health.source().text())
                .setReady(health.ready())
                .setDetail(health.detail())
                .setSince(health.since().toString())
                .setPods(health.pods())
                .setFound(health.found())
                .setMissed(health.missed())
                .setFailures(health.failures())
                .build();
    }

    /** Returns podslice's version; empty where it was not built as a jar. */
    public static String version() {
        String version = NodeStatus.class.getPackage().getImplementationVersion();
        return version == null ? "" : version;
    }
}
