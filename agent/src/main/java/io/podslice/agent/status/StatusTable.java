package io.podslice.agent.status;

import io.podslice.agent.text.Bytes;
import io.podslice.agent.text.Table;
import io.podslice.managers.pod.Printable;
import io.podslice.managers.pod.Quantity;
import io.podslice.proto.v1.Condition;
import io.podslice.proto.v1.Container;
import io.podslice.proto.v1.Device;
import io.podslice.proto.v1.MemoryProtection;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.Resources;
import io.podslice.proto.v1.SpecSource;
import io.podslice.proto.v1.StatusResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes pods and their node for people: a line for each pod, or one pod in full. */
public final class StatusTable {
    private static final String INDENT = "  ";
    private static final String GAP = "  ";
    private static final String NONE = "-";
    private static final String POOL = "node shared pool";

    private final Instant now;

    /** @param now the time to which ages are counted */
    public StatusTable(Instant now) {
        this.now = now;
    }

    /** Writes the node, and a line for each pod. */
    public String list(StatusResponse node, List<Pod> pods) {
        StringBuilder out = new StringBuilder();
        if (!pods.isEmpty()) {
            Table table = header();
            pods.forEach(pod -> row(table, pod));
            out.append(table.text()).append('\n');
        }
        Table own = new Table("")
                .row(POOL, orNone(node.getSharedPool()))
                .row("exclusive CPUs", orNone(node.getExclusiveCpus()));
        if (!node.getReservedCpus().isEmpty()) {
            own.row("reserved CPUs", node.getReservedCpus());
        }
        if (!node.getCgroupDriver().isEmpty()) {
            own.row("cgroup driver", Printable.of(node.getCgroupDriver()));
        }
        if (!node.getConfiguration().isEmpty()) {
            own.row("configuration", Printable.of(node.getConfiguration()));
        }
        node.getSourcesList().forEach(source -> own.row("specs from " + source.getName(), health(source)));
        int pending = node.getPendingResizes();
        return out.append(own.text())
                .append(pods.size())
                .append(pods.size() == 1 ? " pod" : " pods")
                .append(pending == 0 ? "" : ", " + pending + (pending == 1 ? " resize" : " resizes") + " pending")
                .append('\n')
                .toString();
    }

    /** Tells if a source of pods' specs would answer, and since when it would not. */
    private String health(SpecSource source) {
        String pods = source.getPods() + (source.getPods() == 1 ? " pod" : " pods");
        String why = source.getDetail().isEmpty() ? "" : ": " + Printable.of(source.getDetail());
        return source.getReady() ? "ready, " + pods + why : "not ready for " + age(source.getSince()) + why;
    }

    /**
     * Writes the changes that a watcher receives.
     *
     * @param relist true if these are all pods
     */
    public String changes(boolean relist, List<Pod> pods, List<PodReference> removed) {
        Table table = relist ? header() : new Table("");
        pods.forEach(pod -> row(table, pod));
        StringBuilder out = new StringBuilder();
        removed.forEach(pod -> out.append(gone(pod)));
        return out.append(table.text()).toString();
    }

    /** Writes the line of a pod that has gone. */
    public static String gone(PodReference pod) {
        return Printable.of(pod.getNamespace() + "/" + pod.getName()) + GAP + "gone\n";
    }

    private static Table header() {
        return new Table("").row("POD", "PHASE", "CPU", "MEMORY", "CPUS", "SHARED", "NUMA", "RESIZE");
    }

    private void row(Table table, Pod pod) {
        table.row(
                name(pod),
                phase(pod),
                budget(pod, "cpu"),
                budget(pod, "memory"),
                cpus(pod),
                orNone(pod.getSharedPool()),
                orNone(pod.getNumaNodes()),
                resize(pod));
    }

    /** Returns the pod's CPUs, and those of them that it cannot use at the moment. */
    private static String cpus(Pod pod) {
        return orNone(pod.getCpus()) + (pod.getGoneCpus().isEmpty() ? "" : ", gone: " + pod.getGoneCpus());
    }

    /** Returns the allocated budget, and the desired one after an arrow where they differ. */
    private static String budget(Pod pod, String resource) {
        String granted = amounts(pod.getAllocated(), resource);
        String desired = amounts(pod.getDesired(), resource);
        return desired.equals(granted) ? granted : granted + " -> " + desired;
    }

    /** Returns request and limit, as one amount where they are equal. */
    private static String amounts(Resources resources, String resource) {
        String request = amount(resources.getRequestsMap(), resource);
        String limit = amount(resources.getLimitsMap(), resource);
        return request.equals(limit) ? request : request + "/" + limit;
    }

    private static String amount(Map<String, String> amounts, String resource) {
        return amounts.getOrDefault(resource, NONE);
    }

    private String resize(Pod pod) {
        StringBuilder text = new StringBuilder();
        for (Condition condition : pod.getConditionsList()) {
            text.append(text.isEmpty() ? "" : ", ").append(summary(condition));
        }
        return text.toString();
    }

    private String summary(Condition condition) {
        String what = condition.getType().equals("PodResizePending") ? condition.getReason() : "in progress";
        String error = condition.getReason().equals("Error") ? ", failing" : "";
        return what + error + " for " + age(condition.getSince());
    }

    private String age(String since) {
        Duration age = Duration.between(Instant.parse(since), now);
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 7_200) {
            return seconds / 60 + "m";
        }
        return seconds < 172_800 ? seconds / 3_600 + "h" : seconds / 86_400 + "d";
    }

    /**
     * Writes one pod, with its containers.
     *
     * @param explains true to add what the sources of its spec said when it was placed
     */
    public String pod(Pod pod, boolean explains) {
        StringBuilder out = new StringBuilder();
        out.append(name(pod))
                .append(": ")
                .append(phase(pod))
                .append(pod.getInferred() ? ", known from CRI alone" : "")
                .append('\n');
        Table own = new Table(INDENT)
                .row("uid", pod.getUid())
                .row("spec from", source(pod))
                .row("cgroup", pod.getCgroup())
                .row("NUMA nodes", orNone(pod.getNumaNodes()))
                .row("pod's CPUs", cpus(pod))
                .row("pod shared pool", orNone(pod.getSharedPool()));
        pod.getDevicesList().forEach(device -> own.row("devices", device(device)));
        if (pod.getPriority() != 0) {
            own.row("priority", Integer.toString(pod.getPriority()));
        }
        if (pod.getOverheadCount() > 0) {
            own.row("overhead", overhead(pod.getOverheadMap()));
        }
        for (Condition condition : pod.getConditionsList()) {
            own.row(condition.getType(), summary(condition) + ": " + condition.getMessage());
        }
        out.append(own.text());
        if (explains) {
            out.append(remarks(pod));
        }
        out.append(resources(pod)).append(containers(pod)).append(memory(pod));
        return out.toString();
    }

    private static String source(Pod pod) {
        return switch (pod.getSpecSource()) {
            case "annotation" -> "its annotation";
            case "cri", "" -> "nothing but CRI";
            default -> Printable.of(pod.getSpecSource());
        };
    }

    private static String device(Device device) {
        String nodes = device.getNumaNodes();
        String where = nodes.isEmpty()
                ? ", on no NUMA node that its plugin tells"
                : (nodes.matches("\\d+") ? " on NUMA node " : " on NUMA nodes ") + nodes;
        return Printable.of(device.getContainer() + ": " + device.getResource() + " " + device.getIds()) + where;
    }

    /** Writes what the sources of its spec said of a pod, a line for each remark. */
    private static String remarks(Pod pod) {
        StringBuilder out = new StringBuilder(INDENT).append("from the sources:\n");
        for (String remark : pod.getRemarksList()) {
            out.append(INDENT).append(INDENT).append(Printable.of(remark)).append('\n');
        }
        if (pod.getRemarksCount() == 0) {
            out.append(INDENT)
                    .append(INDENT)
                    .append(
                            "no source was asked in vain or said anything else, or podslice has been restarted since\n");
        }
        return out.toString();
    }

    private static String overhead(Map<String, String> amounts) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(amounts)
                .forEach((resource, amount) -> text.append(text.isEmpty() ? "" : ", ")
                        .append(resource)
                        .append(' ')
                        .append(amount));
        return text.append(", on top of the amounts below").toString();
    }

    /** Writes desired, allocated and actual resources, side by side. */
    private static String resources(Pod pod) {
        Table table = new Table(INDENT).row("", "", "desired", "allocated", "actual");
        rows(table, "pod", pod.getDesired(), pod.getAllocated(), pod.getActual());
        for (Container container : pod.getContainersList()) {
            rows(table, container.getName(), container.getDesired(), container.getAllocated(), container.getActual());
        }
        return table.text();
    }

    private static void rows(Table table, String name, Resources desired, Resources allocated, Resources actual) {
        String label = name;
        for (String resource : List.of("cpu", "memory")) {
            String wants = amounts(desired, resource);
            String has = amounts(allocated, resource);
            String is = amounts(actual, resource);
            if (!(wants.equals(NONE) && has.equals(NONE) && is.equals(NONE))) {
                table.row(label, resource, wants, has, is);
                label = "";
            }
        }
    }

    private static String containers(Pod pod) {
        if (pod.getContainersList().isEmpty()) {
            return "";
        }
        Table table = new Table(INDENT).row("", "", "isolation", "CPUs", "id");
        for (Container container : pod.getContainersList()) {
            table.row(
                    container.getName(),
                    container.getKind(),
                    container.getIsolation(),
                    container.getIsolation().equals("host") ? POOL : orNone(container.getCpus()),
                    container.getId());
        }
        return table.text();
    }

    private static String memory(Pod pod) {
        Table table = new Table(INDENT).row("", "memory.min", "memory.low", "memory.high", "memory.max");
        if (pod.hasMemoryProtection()) {
            row(table, "pod", pod.getMemoryProtection());
        }
        for (Container container : pod.getContainersList()) {
            if (container.hasMemoryProtection()) {
                row(table, container.getName(), container.getMemoryProtection());
            }
        }
        return pod.hasMemoryProtection() ? table.text() : "";
    }

    private static void row(Table table, String name, MemoryProtection memory) {
        table.row(
                name,
                bytes(memory.getMemoryMin()),
                bytes(memory.getMemoryLow()),
                bytes(memory.getMemoryHigh()),
                bytes(memory.getMemoryMax()));
    }

    private static String bytes(String text) {
        return text.isEmpty()
                ? NONE
                : text.equals("max") ? text : Bytes.text(Quantity.parse(text).value());
    }

    private static String name(Pod pod) {
        return Printable.of(pod.getNamespace() + "/" + pod.getName());
    }

    private static String phase(Pod pod) {
        return pod.getPhase().name().replace("POD_PHASE_", "").toLowerCase(Locale.ROOT);
    }

    private static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }
}
