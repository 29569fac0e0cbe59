package io.podslice.integration.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.node.CpuIsolation;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Plays every event at which systemd writes attributes of its own accord, and looks at every attribute that podslice has
 * written: it is kept, or right again after how long. docs/systemd-events.md has the tables;
 * {@code -Dpodslice.docs.write=true} writes them anew.
 */
final class RewriteTableTest {
    private static final Path PAGE = Path.of(System.getProperty("basedir", ""), "..", "docs", "systemd-events.md");
    private static final String MARK = "<!-- made by RewriteTableTest -->\n";
    private static final List<Integer> VERSIONS = List.of(252, 254, 257, 262);
    private static final int MOST_SWEEPS = 6;

    private static final String POD = "/kubepods/podp0";
    private static final String BURSTABLE = "/kubepods/burstable/podp1";
    private static final String BEST_EFFORT = "/kubepods/besteffort/podp3";
    private static final String OTHER = "/kubepods/burstable/podp2";

    /** Four CPUs, of which the first container has two for itself. */
    private static final String GUARANTEED_SPEC = """
            {"resources": {"requests": {"cpu": "4", "memory": "8Gi", "hugepages-2Mi": "64Mi"},
                "limits": {"cpu": "4", "memory": "8Gi", "hugepages-2Mi": "64Mi"}},
              "containers": [
                {"name": "a", "resources": {"requests": {"cpu": "2", "memory": "4Gi"},
                  "limits": {"cpu": "2", "memory": "4Gi"}}},
                {"name": "b"}, {"name": "c"}]}""";

    private static final String BEST_EFFORT_SPEC =
            "{\"containers\": [{\"name\": \"a\"}, {\"name\": \"b\"}, {\"name\": \"c\"}]}";

    /** Memory that is protected, and above it memory that is throttled. */
    private static final String BURSTABLE_SPEC = """
            {"resources": {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}},
              "containers": [
                {"name": "a", "resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "3Gi"}}},
                {"name": "b"}, {"name": "c"}]}""";

    /**
     * An event, after which the attributes that were right before are looked at.
     *
     * @param told true if systemd tells its clients of it
     */
    private record Event(String title, boolean told, Consumer<Stage> action) {}

    private static final List<Event> EVENTS = List.of(
            new Event("SetUnitProperties on the slice, by the kubelet or an administrator", false, stage -> {
                for (String path :
                        List.of("/kubepods", "/kubepods/burstable", "/kubepods/besteffort", POD, BURSTABLE)) {
                    stage.cgroups
                            .systemd()
                            .setProperties(
                                    UnitName.ofPath(stage.cgroups.pathOf(path)).orElseThrow(),
                                    List.of(UnitProperty.number(UnitProperty.TASKS_MAX, 10_000)));
                }
            }),
            new Event("daemon-reload", true, stage -> stage.cgroups.systemd().daemonReload()),
            new Event("daemon-reexec", true, stage -> stage.cgroups.systemd().daemonReexec()),
            new Event("the kubelet's minute", false, stage -> stage.cgroups.disturb(Deed.Disturbance.MINUTE)),
            new Event("a further container starts and stops", false, stage -> {
                stage.node.run(new Deed.Create("p0", "c"));
                stage.node.run(new Deed.Created("p0", "c"));
                stage.node.run(new Deed.End("p0", "c"));
            }),
            new Event("first and last container of another pod", false, stage -> {
                stage.pod("p2", OTHER, GUARANTEED_SPEC);
                stage.node.run(new Deed.Stop("p2"));
                stage.node.run(new Deed.Remove("p2"));
            }),
            new Event("first and last container of a class", false, stage -> {
                stage.pod("p3", BEST_EFFORT, BEST_EFFORT_SPEC);
                stage.node.run(new Deed.Stop("p3"));
                stage.node.run(new Deed.Remove("p3"));
            }),
            new Event("the pod's last container stops", false, stage -> {
                stage.endAll("p0", POD);
                stage.endAll("p1", BURSTABLE);
            }));

    /** A node with two pods: one that has CPUs, a budget and protected memory, and one whose memory is throttled. */
    private static final class Stage {
        final Set<String> written = new TreeSet<>();
        final UnitCgroups cgroups;
        final CrashNode node;

        /** @param byFile true for a podslice that tells systemd of nothing */
        Stage(int version, boolean byFile) {
            cgroups = new UnitCgroups(version, (kernel, units) -> noting(byFile ? kernel : units));
            node = new CrashNode(cgroups, true, CpuIsolation.PARTITION);
            pod("p0", POD, GUARANTEED_SPEC);
            pod("p1", BURSTABLE, BURSTABLE_SPEC);
        }

        /** Starts a pod. */
        void pod(String name, String parent, String spec) {
            cgroups.makePod(parent);
            node.run(new Deed.Admit(name, spec, parent));
            node.run(new Deed.Started(name));
            for (String container : List.of("a", "b")) {
                node.run(new Deed.Create(name, container));
                node.run(new Deed.Created(name, container));
            }
            node.brain().recheck();
        }

        /** Ends a pod's containers and its sandbox, of which podslice is not told. */
        void endAll(String name, String parent) {
            for (String id : List.of(CrashNode.idOf(name, "a"), CrashNode.idOf(name, "b"), CrashNode.sandboxOf(name))) {
                cgroups.end(cgroups.below(cgroups.pathOf(parent), id));
            }
        }

        private CgroupFiles noting(CgroupFiles files) {
            return (CgroupFiles) Proxy.newProxyInstance(
                    CgroupFiles.class.getClassLoader(), new Class<?>[] {CgroupFiles.class}, (proxy, method, args) -> {
                        if (method.getName().equals("write")) {
                            written.add(args[0] + "/" + args[1]);
                        }
                        try {
                            return method.invoke(files, args);
                        } catch (InvocationTargetException e) {
                            throw Objects.requireNonNull(e.getCause());
                        }
                    });
        }

        /** Returns the attributes that podslice has written, by file or through the runtime, and their values. */
        Map<String, String> attributes() {
            written.addAll(cgroups.handed());
            Map<String, String> all = new TreeMap<>();
            for (String attribute : written) {
                CgroupPath path = new CgroupPath(attribute.substring(0, attribute.lastIndexOf('/')));
                String file = attribute.substring(attribute.lastIndexOf('/') + 1);
                boolean ours = !path.isWithin(cgroups.pathOf(OTHER))
                        && !path.isWithin(cgroups.pathOf(BEST_EFFORT))
                        && !file.startsWith("cgroup.");
                if (ours && cgroups.kernel().hasFile(path, file)) {
                    all.put(attribute, cgroups.kernel().read(path, file));
                }
            }
            return all;
        }
    }

    /** Returns for each row of the table if its attributes outlive the event, or when the last of them is right again. */
    private static Map<RewriteRow, String> outcomes(int version, Event event, boolean byFile) {
        Stage stage = new Stage(version, byFile);
        Map<String, String> before = stage.attributes();
        event.action().accept(stage);
        Map<RewriteRow, String> outcomes = new TreeMap<>();
        before.keySet().forEach(attribute -> outcomes.put(RewriteRow.of(attribute), "kept"));
        Set<String> wrong = wrong(stage, before);
        if (event.told()) {
            stage.node.brain().recheck();
        }
        for (int sweeps = 0; sweeps <= MOST_SWEEPS; sweeps++) {
            Set<String> still = wrong(stage, before);
            String after = sweeps == 0 ? "at once" : "within " + 10 * sweeps + " s";
            for (String attribute : wrong) {
                if (!still.contains(attribute)) {
                    outcomes.put(RewriteRow.of(attribute), after);
                }
            }
            wrong.retainAll(still);
            stage.node.brain().sweep();
        }
        wrong.forEach(attribute -> outcomes.put(RewriteRow.of(attribute), "lost"));
        return outcomes;
    }

    /** Returns the attributes whose values differ; those of a container that has ended do not count. */
    private static Set<String> wrong(Stage stage, Map<String, String> before) {
        Map<String, String> now = stage.attributes();
        Set<String> wrong = new TreeSet<>();
        before.forEach((attribute, value) -> {
            String is = now.getOrDefault(attribute, "gone");
            boolean ended = attribute.contains(".scope/") && is.equals("gone");
            if (!ended && !is.equals(value)) {
                wrong.add(attribute);
            }
        });
        return wrong;
    }

    private static String table(boolean byFile, Set<RewriteRow> compared) {
        Map<RewriteRow, Map<Event, Map<Integer, String>>> cells = new TreeMap<>();
        for (Event event : EVENTS) {
            for (int version : VERSIONS) {
                outcomes(version, event, byFile)
                        .forEach((row, outcome) -> cells.computeIfAbsent(row, key -> new LinkedHashMap<>())
                                .computeIfAbsent(event, key -> new LinkedHashMap<>())
                                .put(version, outcome));
            }
        }
        StringBuilder table = new StringBuilder("| attribute | real |");
        for (Event event : EVENTS) {
            table.append(' ').append(event.title()).append(" |");
        }
        table.append("\n| --- | --- |").append(" --- |".repeat(EVENTS.size())).append('\n');
        cells.forEach((row, events) -> {
            table.append("| ").append(row).append(compared.contains(row.ofAnyPod()) ? " | yes |" : " | no |");
            for (Event event : EVENTS) {
                table.append(' ')
                        .append(cell(events.getOrDefault(event, Map.of())))
                        .append(" |");
            }
            table.append('\n');
        });
        return table.toString();
    }

    /** Returns the outcome, or the versions of each where they differ. */
    private static String cell(Map<Integer, String> byVersion) {
        Set<String> outcomes = new LinkedHashSet<>(byVersion.values());
        if (outcomes.size() == 1) {
            return outcomes.iterator().next();
        }
        List<String> parts = new ArrayList<>();
        for (String outcome : outcomes) {
            List<String> versions = byVersion.entrySet().stream()
                    .filter(one -> one.getValue().equals(outcome))
                    .map(one -> one.getKey().toString())
                    .toList();
            parts.add(outcome + " (" + String.join(", ", versions) + ")");
        }
        return String.join("; ", parts);
    }

    @Test
    void tablesOfThePageAreWhatHappens() throws IOException {
        Set<RewriteRow> compared = ComparedRows.read();
        String units = table(false, compared);
        String tables = "\n## As podslice writes them\n\n" + units + "\n## Had it written the files alone\n\n"
                + table(true, compared);
        String page = Files.readString(PAGE);
        String head = page.substring(0, page.indexOf(MARK) + MARK.length());
        if (Boolean.getBoolean("podslice.docs.write")) {
            Files.writeString(PAGE, head + tables);
        }
        assertThat(units).contains("kept").doesNotContain("lost");
        assertThat(page.substring(head.length())).isEqualTo(tables);
    }
}
