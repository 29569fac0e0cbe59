package io.podslice.agent.page;

import io.podslice.agent.text.Xml;
import io.podslice.node.NodeView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes what happened in the last hour: refusals, outcomes of resizes, and repairs of drift. Pure. */
final class IncidentsSection {
    private IncidentsSection() {}

    static Section of(Sight sight) {
        Map<String, String> names = names(sight.node());
        Xml xml = new Xml();
        xml.open("section", "id", "incidents").element("h2", "The last hour");
        table(xml, sight, names, Chronicle.Kind.REFUSAL, "Refusals", "last", "times", "door", "request", "reason", "");
        table(xml, sight, names, Chronicle.Kind.RESIZE, "Resizes", "last", "times", "outcome", "pod", "");
        table(
                xml,
                sight,
                names,
                Chronicle.Kind.REPAIR,
                "Drift: values that podslice wrote again",
                "last",
                "times",
                "cgroup",
                "");
        return Section.whole("incidents", xml.close("section").toString());
    }

    private static void table(
            Xml xml, Sight sight, Map<String, String> names, Chronicle.Kind kind, String name, String... columns) {
        List<Chronicle.Entry> entries = sight.incidents(kind);
        if (entries.isEmpty()) {
            xml.element("p", name + ": none");
            return;
        }
        Grid grid = new Grid(xml).start(name, columns);
        for (Chronicle.Entry entry : entries) {
            xml.open("tr");
            grid.cell(Times.text(entry.last())).cell(Long.toString(entry.count()));
            if (kind != Chronicle.Kind.REPAIR) {
                grid.cell(entry.where());
            }
            grid.cell(named(entry.what(), names));
            if (kind == Chronicle.Kind.REFUSAL) {
                grid.cell(entry.reason());
            }
            grid.cell(entry.text());
            xml.close("tr");
        }
        grid.end();
        if (entries.size() >= kind.most()) {
            xml.element("p", "The latest " + kind.most() + " are shown.");
        }
    }

    /** Returns names of pods and containers by the runtime's ids, which are all that an update by CRI carries. */
    private static Map<String, String> names(NodeView node) {
        Map<String, String> names = new HashMap<>();
        for (NodeView.PodView pod : node.pods()) {
            names.put(pod.sandboxId(), pod.fullName());
            names.put(pod.cgroup().value(), pod.fullName());
            for (NodeView.ContainerView container : pod.containers()) {
                names.put(container.id(), pod.fullName() + ", container " + container.name());
            }
        }
        names.remove("");
        return names;
    }

    private static String named(String text, Map<String, String> names) {
        return Stream.of(text.split(" ", -1))
                .map(word -> {
                    String name = names.get(word);
                    return name == null ? word : word.startsWith("/") ? word + " (" + name + ")" : name;
                })
                .collect(Collectors.joining(" "));
    }
}
