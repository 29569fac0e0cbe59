package io.podslice.cgroups;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The cgroup controllers that podslice needs and the kubelet expects in a pod's cgroup. */
public final class Controllers {
    /** What a pod's cgroup is checked for by the kubelet, in the order in which they are enabled. */
    public static final List<String> WANTED = List.of("cpuset", "cpu", "memory", "hugetlb", "pids");

    private Controllers() {}

    /**
     * Steps that make the wanted controllers available in the cgroup, by enabling them in each of its ancestors, the
     * root first; as far as the machine has them. A controller reaches a cgroup only through every ancestor's
     * {@code cgroup.subtree_control}.
     */
    public static List<Step> enableAbove(CgroupPath path) {
        List<Step> steps = new ArrayList<>();
        for (Optional<CgroupPath> above = path.parent();
                above.isPresent();
                above = above.get().parent()) {
            steps.add(new Step.EnableControllers(above.get(), WANTED));
        }
        return steps.reversed();
    }

    /** The names in a {@code cgroup.controllers} or {@code cgroup.subtree_control} file. */
    static List<String> parse(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split(" +", -1));
    }
}
