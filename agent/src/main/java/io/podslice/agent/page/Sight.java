package io.podslice.agent.page;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.machine.Machine;
import io.podslice.node.ActualResources;
import io.podslice.node.ManagedNode;
import io.podslice.node.NodeAllocations;
import io.podslice.node.NodeView;
import io.podslice.node.PodActual;
import io.podslice.node.RevisedView;
import io.podslice.node.SourceHealth;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that the page shows of a node at one moment.
 *
 * @param actual the values in the pods' cgroups, by uid
 * @param sources the health of the sources of pods' specs
 * @param incidents those of the last hour, by kind, the latest first
 * @param cgroups describes the cgroup driver; empty: not known
 * @param configuration says which configuration is in force; empty: not known
 */
record Sight(
        RevisedView revised,
        Machine machine,
        NodeAllocations allocations,
        Map<String, PodActual> actual,
        List<SourceHealth> sources,
        Map<Chronicle.Kind, List<Chronicle.Entry>> incidents,
        String cgroups,
        String configuration) {
    private static final PodActual NOTHING = new PodActual(ActualResources.NONE, new TreeMap<>());

    Sight {
        actual = Map.copyOf(actual);
        sources = List.copyOf(sources);
        incidents = Collections.unmodifiableMap(new EnumMap<>(incidents));
    }

    /** Looks at a node. Reads the cgroups of all pods, without the brain's lock. */
    static Sight of(ManagedNode node, Chronicle chronicle, String cgroups, String configuration) {
        RevisedView revised = node.revisedSnapshot();
        Map<String, PodActual> actual = new HashMap<>();
        for (NodeView.PodView pod : revised.node().pods()) {
            actual.put(pod.uid(), actual(node, pod));
        }
        Map<Chronicle.Kind, List<Chronicle.Entry>> incidents = new EnumMap<>(Chronicle.Kind.class);
        for (Chronicle.Kind kind : Chronicle.Kind.values()) {
            incidents.put(kind, chronicle.lastHour(kind));
        }
        return new Sight(
                revised, node.machine(), node.allocations(), actual, node.sources(), incidents, cgroups, configuration);
    }

    /** Returns nothing for a pod whose cgroup cannot be read, so that the others are still shown. */
    private static PodActual actual(ManagedNode node, NodeView.PodView pod) {
        try {
            return node.actual(pod);
        } catch (CgroupException e) {
            return NOTHING;
        }
    }

    NodeView node() {
        return revised.node();
    }

    PodActual actual(NodeView.PodView pod) {
        return actual.getOrDefault(pod.uid(), NOTHING);
    }

    List<Chronicle.Entry> incidents(Chronicle.Kind kind) {
        return incidents.getOrDefault(kind, List.of());
    }
}
