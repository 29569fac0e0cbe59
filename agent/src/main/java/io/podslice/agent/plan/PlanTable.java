package io.podslice.agent.plan;

import io.podslice.agent.text.Bytes;
import io.podslice.agent.text.Table;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.pod.Printable;
import io.podslice.managers.topology.HintExplanation;
import io.podslice.managers.topology.TopologyPolicy;
import io.podslice.managers.topology.TopologyScope;
import java.util.Map;

/** Writes a plan as text, for people. */
public final class PlanTable {
    private static final String INDENT = "  ";
    /** The name that stands for the pool's CPUs, which are listed once: on a big machine they are a long list. */
    private static final String POOL = "node shared pool";

    private final NodePlan plan;
    private final boolean explains;
    private final StringBuilder out = new StringBuilder();

    private PlanTable(NodePlan plan, boolean explains) {
        this.plan = plan;
        this.explains = explains;
    }

    /**
     * Returns the plan as text.
     *
     * @param explains true to add the sets of NUMA nodes that were considered
     */
    public static String text(NodePlan plan, boolean explains) {
        return new PlanTable(plan, explains).text();
    }

    private String text() {
        plan.pods().forEach(this::pod);
        Table table = new Table("").row(POOL, plan.nodeSharedPool().toString());
        if (!plan.kubepods().isEmpty()) {
            String guards = "memory.min " + bytes(plan.kubepods(), "memory.min") + ", memory.low "
                    + bytes(plan.kubepods(), "memory.low");
            table.row(plan.kubepods().getOrDefault("path", ""), guards);
        }
        out.append(table.text());
        out.append(plan.admitted())
                .append(" of ")
                .append(plan.pods().size())
                .append(plan.pods().size() == 1 ? " pod" : " pods")
                .append(" admitted\n");
        return out.toString();
    }

    private void pod(PodPlan pod) {
        out.append(Printable.of(pod.pod().fullName()))
                .append(pod.admitted() ? ": admitted, " : ": refused, ")
                .append(pod.qos().text())
                .append('\n');
        pod.refusal().ifPresent(refusal -> {
            out.append(INDENT)
                    .append(refusal.reason())
                    .append(": ")
                    .append(refusal.summary())
                    .append('\n');
            if (!refusal.detail().isEmpty()) {
                out.append(INDENT).append(refusal.detail()).append('\n');
            }
        });
        if (pod.admitted()) {
            out.append(sets(pod)).append(levels(pod));
        }
        if (explains) {
            explain(pod);
        }
        out.append('\n');
    }

    private String sets(PodPlan pod) {
        Table table = new Table(INDENT);
        if (explains || plan.driver() == CgroupDriver.SYSTEMD) {
            pod.names().forEach((driver, path) -> table.row("cgroup, " + driver.text(), path.value()));
        }
        boolean asOne = plan.policy().topologyManagerScope() == TopologyScope.POD
                && plan.policy().topologyManagerPolicy() != TopologyPolicy.NONE;
        if (asOne && !pod.hints().isEmpty()) {
            table.row("hint", hint(pod.hints().getFirst()));
        }
        if (!pod.cpus().isEmpty()) {
            table.row("pod's CPUs", pod.cpus().toString());
        }
        if (!pod.sharedPool().isEmpty()) {
            table.row("pod shared pool", pod.sharedPool().toString());
        }
        return table.text();
    }

    /** Describes a hint in the kubelet's terms: its NUMA nodes, and if every resource prefers them. */
    private static String hint(HintExplanation explained) {
        CpuSet nodes = explained.hint().nodes();
        if (explained.asked().isEmpty()) {
            return "no NUMA preference";
        }
        String preferred = explained.hint().preferred() ? "" : ", not preferred";
        return (nodes.isEmpty() ? "any NUMA node" : nodes(nodes)) + preferred;
    }

    private static String nodes(CpuSet nodes) {
        return (nodes.size() == 1 ? "NUMA node " : "NUMA nodes ") + nodes;
    }

    private String levels(PodPlan pod) {
        Table table = new Table(INDENT);
        boolean hints = plan.policy().topologyManagerScope() == TopologyScope.CONTAINER
                && plan.policy().topologyManagerPolicy() != TopologyPolicy.NONE
                && pod.hints().stream().anyMatch(hint -> hint.container().isPresent());
        table.row(
                "",
                "",
                hints ? "hint" : "",
                "isolation",
                "CPUs",
                "mems",
                "cpu.max",
                "cpu.weight",
                header(pod, "memory.min"),
                header(pod, "memory.low"),
                header(pod, "memory.high"),
                "memory.max",
                "oom_score_adj",
                "");
        if (!pod.parent().isEmpty()) {
            table.row(
                    pod.parent().getOrDefault("path", ""),
                    "",
                    "",
                    "",
                    pool(pod.parent()),
                    "",
                    "",
                    pod.parent().getOrDefault("cpu.weight", ""),
                    "",
                    bytes(pod.parent(), "memory.low"),
                    "",
                    "",
                    "",
                    "");
        }
        table.row(
                "pod",
                "",
                "",
                "",
                pool(pod.cgroup()),
                "",
                pod.cgroup().getOrDefault("cpu.max", ""),
                pod.cgroup().getOrDefault("cpu.weight", ""),
                bytes(pod.cgroup(), "memory.min"),
                bytes(pod.cgroup(), "memory.low"),
                bytes(pod.cgroup(), "memory.high"),
                memory(pod.cgroup()),
                "",
                hugepages(pod.cgroup()));
        for (ContainerPlan container : pod.containers()) {
            table.row(
                    container.name(),
                    container.kind().text(),
                    hints ? hint(pod, container.name()) : "",
                    container.isolation().text(),
                    container.isolation() == Isolation.HOST
                            ? POOL
                            : container.cpus().toString(),
                    container.mems().toString(),
                    container.cgroup().getOrDefault("cpu.max", ""),
                    container.cgroup().getOrDefault("cpu.weight", ""),
                    bytes(container.cgroup(), "memory.min"),
                    bytes(container.cgroup(), "memory.low"),
                    bytes(container.cgroup(), "memory.high"),
                    memory(container.cgroup()),
                    container.oomScoreAdj().isPresent()
                            ? Integer.toString(container.oomScoreAdj().getAsInt())
                            : "",
                    hugepages(container.cgroup()));
        }
        return table.text();
    }

    /**
     * Returns the file's name where the pod or a container has a value for it; else no text, which leaves the column
     * out.
     */
    private static String header(PodPlan pod, String file) {
        boolean has = pod.parent().containsKey(file)
                || pod.cgroup().containsKey(file)
                || pod.containers().stream()
                        .anyMatch(container -> container.cgroup().containsKey(file));
        return has ? file : "";
    }

    private static String bytes(Map<String, String> files, String file) {
        String bytes = files.get(file);
        return bytes == null ? "" : Bytes.text(Long.parseLong(bytes));
    }

    /** Names the pool that a cgroup above the containers is restricted to; such a cgroup has no other CPUs. */
    private static String pool(Map<String, String> files) {
        return files.containsKey("cpuset.cpus") ? POOL : "";
    }

    private static String hint(PodPlan pod, String container) {
        for (HintExplanation hint : pod.hints()) {
            if (pod.containerOf(hint).filter(container::equals).isPresent()) {
                return hint(hint);
            }
        }
        return "";
    }

    private static String memory(Map<String, String> files) {
        String bytes = files.getOrDefault("memory.max", "");
        return bytes.isEmpty() || bytes.equals("max") ? bytes : Bytes.text(Long.parseLong(bytes));
    }

    private static String hugepages(Map<String, String> files) {
        StringBuilder text = new StringBuilder();
        files.forEach((file, bytes) -> {
            if (file.startsWith("hugetlb.") && !bytes.equals("0")) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(file)
                        .append(' ')
                        .append(Bytes.text(Long.parseLong(bytes)));
            }
        });
        return text.toString();
    }

    private void explain(PodPlan pod) {
        Table why = new Table(INDENT + INDENT);
        pod.eligibility().forEach(why::row);
        out.append(INDENT).append("CPUs of their own:\n").append(why.text());
        if (plan.policy().topologyManagerPolicy() != TopologyPolicy.NONE) {
            pod.hints().forEach(hint -> explain(pod, hint));
        }
    }

    private void explain(PodPlan pod, HintExplanation hint) {
        out.append(INDENT)
                .append(hint.admits() ? "hint for " : "best hint for ")
                .append(Printable.of(
                        pod.containerOf(hint).map(name -> "container " + name).orElse("the pod")))
                .append(": ")
                .append(hint(hint))
                .append(
                        hint.admits()
                                ? ""
                                : ", refused by policy "
                                        + plan.policy().topologyManagerPolicy().text())
                .append('\n');
        for (HintExplanation.Asked asked : hint.asked()) {
            out.append(INDENT + INDENT)
                    .append("asked ")
                    .append(Printable.of(asked.what()))
                    .append(asked.fewest() == 0 ? "" : "; on an empty machine " + atLeast(asked.fewest()))
                    .append('\n');
        }
        Table candidates = new Table(INDENT + INDENT);
        for (HintExplanation.Candidate candidate : hint.candidates()) {
            String fate = !candidate.chosen() ? "lost" : hint.admits() ? "chosen" : "best";
            String nodes =
                    candidate.nodes().isEmpty() ? "any " + candidate.size() + " NUMA nodes" : nodes(candidate.nodes());
            candidates.row(nodes, fate, candidate.why());
        }
        out.append(candidates.text());
        if (hint.more() > 0) {
            out.append(INDENT + INDENT)
                    .append("and ")
                    .append(hint.more())
                    .append(" more sets of NUMA nodes, none of them better\n");
        }
    }

    private static String atLeast(int nodes) {
        return nodes == 1 ? "1 node could do" : nodes + " nodes could do";
    }
}
