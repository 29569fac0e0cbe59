package io.podslice.agent.page;

import io.podslice.agent.map.PageMap;
import io.podslice.agent.map.ViewMap;
import io.podslice.agent.text.Xml;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.NodeView;
import io.podslice.node.PodActual;
import io.podslice.node.PodPhase;
import io.podslice.node.ResizeCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes the table of pods: each pod is a piece. Pure. */
final class PodsSection {
    private static final String[] COLUMNS = {
        "",
        "pod",
        "phase",
        "CPU desired",
        "allocated",
        "actual",
        "memory desired",
        "allocated",
        "actual",
        "CPUs",
        "shared by its containers",
        "NUMA",
        "isolation",
        "spec from"
    };

    private PodsSection() {}

    static Section of(Sight sight, PageMap map) {
        List<Section.Piece> pieces = new ArrayList<>();
        Xml head = new Xml();
        head.open("section", "id", "pods").element("h2", "Pods").open("div", "class", "wide");
        new Grid(head).start("Request, or request/limit", COLUMNS);
        pieces.add(Section.Piece.between(head.toString()));
        for (NodeView.PodView pod : sight.node().pods()) {
            String id = "pod-" + pod.uid().replaceAll("[^0-9A-Za-z-]", "_");
            pieces.add(new Section.Piece("#" + id, body(id, pod, sight.actual(pod), map)));
        }
        pieces.add(Section.Piece.between(
                new Xml().close("table").close("div").close("section").toString()));
        return new Section("pods", pieces);
    }

    private static String body(String id, NodeView.PodView pod, PodActual actual, PageMap map) {
        Xml xml = new Xml();
        xml.open("tbody", "id", id).open("tr");
        boolean runs = !pod.phase().equals(PodPhase.STOPPED.name());
        xml.open("td").raw(runs ? map.swatches(pod.fullName()).orElse("") : "").close("td");
        xml.open("td").open("details").element("summary", pod.fullName());
        containers(xml, pod, actual);
        xml.close("details").close("td");
        Grid grid = new Grid(xml).cell(pod.phase().toLowerCase(Locale.ROOT));
        for (ResourceName name : List.of(ResourceName.CPU, ResourceName.MEMORY)) {
            String allocated = ViewMap.amounts(pod.allocated(), name);
            String desired = ViewMap.amounts(pod.desired(), name);
            xml.element("td", desired, "class", desired.equals(allocated) ? "" : "differs");
            grid.cell(allocated).cell(ViewMap.amounts(actual.pod().resources(), name));
        }
        grid.cell(cpus(pod))
                .cell(pod.sharedPool().toString())
                .cell(pod.numaNodes().toString())
                .cell(isolation(pod))
                .cell(pod.source().text());
        xml.close("tr");
        for (ResizeCondition condition : pod.conditions()) {
            xml.open("tr", "class", "condition").element("td", "");
            String what = condition.type() == ResizeCondition.Type.IN_PROGRESS
                    ? "resize in progress"
                    : condition.reason().equals(ResizeCondition.INFEASIBLE) ? "resize refused" : "resize waits";
            String reason = condition.reason().isEmpty() ? "" : ", " + condition.reason();
            xml.element(
                    "td",
                    what + reason + ", since " + Times.text(condition.since()) + ": " + condition.message(),
                    "colspan",
                    COLUMNS.length - 1);
            xml.close("tr");
        }
        return xml.close("tbody").toString();
    }

    private static void containers(Xml xml, NodeView.PodView pod, PodActual actual) {
        Grid grid = new Grid(xml)
                .start(
                        "Containers",
                        "name",
                        "kind",
                        "isolation",
                        "CPUs",
                        "CPU desired",
                        "allocated",
                        "actual",
                        "memory desired",
                        "allocated",
                        "actual");
        for (NodeView.ContainerView container : pod.containers()) {
            ResourceRequirements is = actual.container(container.name()).resources();
            boolean isInPool = container.isolation().equals("host");
            grid.row(
                    container.name(),
                    container.kind(),
                    container.isolation(),
                    isInPool ? "node shared pool" : container.cpus().toString(),
                    ViewMap.amounts(container.desired(), ResourceName.CPU),
                    ViewMap.amounts(container.allocated(), ResourceName.CPU),
                    ViewMap.amounts(is, ResourceName.CPU),
                    ViewMap.amounts(container.desired(), ResourceName.MEMORY),
                    ViewMap.amounts(container.allocated(), ResourceName.MEMORY),
                    ViewMap.amounts(is, ResourceName.MEMORY));
        }
        grid.end();
    }

    private static String cpus(NodeView.PodView pod) {
        String own = pod.cpus().isEmpty() ? "node shared pool" : pod.cpus().toString();
        return own + (pod.gone().isEmpty() ? "" : ", gone: " + pod.gone());
    }

    /** Returns the containers by the level at which they share CPUs; nothing for a pod in the node shared pool. */
    private static String isolation(NodeView.PodView pod) {
        Map<String, List<String>> byLevel = new TreeMap<>();
        for (NodeView.ContainerView container : pod.containers()) {
            byLevel.computeIfAbsent(container.isolation(), level -> new ArrayList<>())
                    .add(container.name());
        }
        if (pod.cpus().isEmpty()) {
            return "";
        }
        List<String> levels = new ArrayList<>();
        byLevel.forEach((level, names) -> levels.add(level + ": " + String.join(", ", names)));
        return String.join("; ", levels);
    }
}
