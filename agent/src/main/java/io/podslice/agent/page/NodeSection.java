package io.podslice.agent.page;

import io.podslice.agent.text.Bytes;
import io.podslice.agent.text.Xml;
import io.podslice.managers.placement.NodeSupply;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.NodeView;
import io.podslice.node.SourceHealth;
import java.util.SortedMap;

/** Writes the node as a whole: its CPUs, what is free of it, and the sources of pods' specs. Pure. */
final class NodeSection {
    private NodeSection() {}

    static Section of(Sight sight) {
        Xml xml = new Xml();
        xml.open("section", "id", "node").element("h2", "Node");
        facts(xml, sight);
        supply(xml, sight.allocations().supply());
        sources(xml, sight);
        return Section.whole("node", xml.close("section").toString());
    }

    private static void facts(Xml xml, Sight sight) {
        NodeView node = sight.node();
        xml.open("dl");
        fact(xml, "pods", Integer.toString(node.pods().size()));
        fact(xml, "CPUs for pods", node.cpus().size() + ": " + node.cpus());
        fact(xml, "exclusive to containers", node.exclusiveCpus().toString());
        fact(xml, "node shared pool", node.nodeSharedPool().toString());
        fact(xml, "reserved", node.reserved().toString());
        sight.machine().barredText().ifPresent(text -> fact(xml, "not for pods", text));
        fact(xml, "cgroup driver", sight.cgroups());
        fact(xml, "configuration", sight.configuration());
        fact(xml, "revision", Long.toString(sight.revised().revision()));
        xml.close("dl");
    }

    private static void fact(Xml xml, String name, String text) {
        if (!text.isEmpty()) {
            xml.element("dt", name).element("dd", text);
        }
    }

    private static void supply(Xml xml, NodeSupply supply) {
        Grid grid = new Grid(xml)
                .start(
                        "Free on each NUMA node",
                        "NUMA node",
                        "CPUs",
                        "exclusively allocatable",
                        "free for exclusive use",
                        "memory",
                        "allocatable",
                        "free");
        int free = 0;
        for (var zone : supply.zones().entrySet()) {
            NodeSupply.Zone of = zone.getValue();
            free += of.availableCpus();
            SortedMap<ResourceName, NodeSupply.Bytes> all = of.memory();
            NodeSupply.Bytes memory = all.get(ResourceName.MEMORY);
            grid.row(
                    Integer.toString(zone.getKey()),
                    Integer.toString(of.cpus().size()),
                    Integer.toString(of.allocatable().size()),
                    Integer.toString(of.availableCpus()),
                    memory == null ? "" : Bytes.text(memory.capacity()),
                    memory == null ? "" : Bytes.text(memory.allocatable()),
                    memory == null ? "" : Bytes.text(memory.available()));
        }
        grid.row("all", "", Integer.toString(supply.allocatable().size()), Integer.toString(free), "", "", "")
                .end();
    }

    private static void sources(Xml xml, Sight sight) {
        if (sight.sources().isEmpty()) {
            return;
        }
        Grid grid = new Grid(xml)
                .start("Sources of pods' specs", "source", "state", "since", "pods", "found", "missed", "failures", "");
        for (SourceHealth source : sight.sources()) {
            grid.row(
                    source.source().text(),
                    source.ready() ? "ready" : "not ready",
                    Times.text(source.since()),
                    Integer.toString(source.pods()),
                    Long.toString(source.found()),
                    Long.toString(source.missed()),
                    Long.toString(source.failures()),
                    source.detail());
        }
        grid.end();
    }
}
