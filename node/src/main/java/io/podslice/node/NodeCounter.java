package io.podslice.node;

import io.podslice.cgroups.CgroupFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The counters of a node, with the name, the help text and the labels that Prometheus sees. {@link NodeMeter#count}
 * counts; a constant here is exported without any other change. A label has the values that are listed here and {@value
 * #OTHER}, so that no text from a pod or from the runtime can become a series.
 */
public enum NodeCounter {

    /** Requests that were refused, at any door. */
    REFUSALS("podslice_refusals_total", "Requests that were refused, by reason.", Label.REASON),

    /**
     * Allocations for one container each, as in KEP-5526: of CPUs or memory from its pod's own ({@code pod}) or from
     * those of the node ({@code node}). A resize that gives a container others counts again.
     */
    ALLOCATIONS(
            "podslice_resource_manager_allocations_total",
            "Containers that were allocated CPUs or memory, from their pod's or from the node's.",
            Label.ALLOCATING_MANAGER,
            Label.SOURCE),

    /** Allocations that a manager rejected, as in KEP-5526; pods that share instead count too. */
    ALLOCATION_ERRORS(
            "podslice_resource_manager_allocation_errors_total",
            "Allocations that a manager rejected, for pods with resources of their own or for containers alone.",
            Label.MANAGER,
            Label.SOURCE),

    /**
     * Resizes that came to an outcome. Those of the kubelet count by call, of which each changes one value; one that is
     * refused again with an unchanged reason counts once.
     */
    RESIZES(
            "podslice_resizes_total",
            "Resizes by outcome; those of the kubelet by call, a repeated refusal once.",
            Label.OUTCOME),

    /** Values that a sweep found to differ from the desired ones, and wrote again. */
    REPAIRS(
            "podslice_repairs_total",
            "Cgroup values that another program had overwritten and podslice wrote again, by file.",
            Label.ATTRIBUTE),

    /** Refused pods under {@code admission.refused: fail}. */
    REFUSED_PODS(
            "podslice_refused_pods_total",
            "Refused pods that were to fail, by outcome: failed, left to the kubelet, or an error of the API server.",
            Label.FATE),

    /** Events on pods under {@code podSpecs.apiServer.events}. */
    EVENTS(
            "podslice_events_total",
            "Events on pods: created or updated through the API server, repeats added to one, dropped before they were"
                    + " written, or an error of the API server.",
            Label.POSTING),

    /** Lines written to the journal. */
    JOURNAL_WRITES("podslice_journal_writes_total", "Lines written to the journal, by event.", Label.EVENT);

    /** The value of a label for everything that its list lacks. */
    public static final String OTHER = "other";

    /** The attribute that stands for the limits of huge pages of all sizes. */
    public static final String HUGE_PAGES = "hugetlb.max";

    /** A label and the values that it may have. */
    private enum Label {
        REASON(
                "reason",
                "TopologyAffinityError SMTAlignmentError EmptyPodSharedPoolError UnexpectedAdmissionError"
                        + " ExclusiveCPUsUnavailable BoundExceeded InvalidPodSpec InvalidCgroupParent Deferred Infeasible"
                        + " PodsliceError"),
        ALLOCATING_MANAGER("manager", "cpu memory"),
        MANAGER("manager", "topology cpu memory"),
        SOURCE("source", "pod node"),
        OUTCOME("outcome", "done deferred infeasible failed"),
        FATE("outcome", "failed left error"),
        POSTING("outcome", "created updated aggregated dropped error"),
        ATTRIBUTE(
                "attribute",
                String.join(
                        " ",
                        CgroupFile.CPUSET_CPUS,
                        CgroupFile.CPUSET_MEMS,
                        CgroupFile.CPU_MAX,
                        CgroupFile.CPU_WEIGHT,
                        CgroupFile.MEMORY_MAX,
                        CgroupFile.MEMORY_MIN,
                        CgroupFile.MEMORY_LOW,
                        CgroupFile.MEMORY_HIGH,
                        HUGE_PAGES)),
        EVENT("event", "begin done undone recorded");

        private final String text;
        private final String known;

        /** @param known the values, with a blank between them */
        Label(String text, String known) {
            this.text = text;
            this.known = known;
        }

        List<String> known() {
            return List.of(known.split(" ", -1));
        }
    }

    private final String metric;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // List.of makes it immutable
    private final List<Label> labels;

    /** @param labels none for a counter of one series */
    NodeCounter(String metric, String help, Label... labels) {
        this.metric = metric;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** The metric's name, e.g. {@code podslice_refusals_total}. */
    public String metric() {
        return metric;
    }

    /** The metric's help text. */
    public String help() {
        return help;
    }

    /** The names of the labels, in the order of the values that {@link NodeMeter#count} takes. */
    public List<String> labels() {
        return labels.stream().map(label -> label.text).toList();
    }

    /** All combinations of known values, for series that exist before anything is counted. */
    public List<List<String>> series() {
        List<List<String>> series = List.of(List.of());
        for (Label label : labels) {
            List<List<String>> longer = new ArrayList<>();
            for (List<String> before : series) {
                for (String value : label.known()) {
                    List<String> values = new ArrayList<>(before);
                    values.add(value);
                    longer.add(values);
                }
            }
            series = longer;
        }
        return series;
    }

    /**
     * Returns the values with {@value #OTHER} in place of those that their labels do not know.
     *
     * @throws IllegalArgumentException if there are more or fewer values than labels
     */
    public String[] bounded(String... values) {
        if (values.length != labels.size()) {
            throw new IllegalArgumentException(metric + " has labels " + labels() + ", not " + Arrays.toString(values));
        }
        String[] bounded = values.clone();
        for (int i = 0; i < bounded.length; i++) {
            if (!labels.get(i).known().contains(bounded[i])) {
                bounded[i] = OTHER;
            }
        }
        return bounded;
    }
}
