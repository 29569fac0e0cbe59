package io.podslice.cgroups;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The cgroup controllers that podslice needs and the kubelet expects in a pod's cgroup. */
public final class Controllers {
    /** The controllers in the order in which they are enabled; the kubelet checks a pod's cgroup for each of them. */
    public static final List<String> WANTED = List.of("cpuset", "cpu", "memory", "hugetlb", "pids");

    private Controllers() {}

    /**
     * Returns the steps that make the wanted controllers available in the cgroup, as far as the machine has them, by
     * enabling them in each of its ancestors, the root first. A controller reaches a cgroup only through every
     * ancestor's {@code cgroup.subtree_control}.
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

    /** Returns the controllers named in a {@code cgroup.controllers} or {@code cgroup.subtree_control} file. */
    static List<String> parse(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split(" +", -1));
    }
}
