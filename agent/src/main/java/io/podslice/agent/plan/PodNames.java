package io.podslice.agent.plan;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.pod.QosCgroups;
import io.podslice.managers.pod.QosClass;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The names that a pod's cgroup has under each cgroup driver. */
final class PodNames {
    private final List<CgroupLayout> layouts;

    /** Makes the names under every driver that can spell the configured cgroup of all pods. */
    PodNames(Configuration.Cgroups cgroups) {
        this(Stream.of(CgroupDriver.values())
                .flatMap(driver -> layout(cgroups, driver).stream())
                .toList());
    }

    /** Makes the names under the drivers of these layouts. */
    PodNames(List<CgroupLayout> layouts) {
        this.layouts = List.copyOf(layouts);
    }

    /** Returns the path of the pod's cgroup by driver; a driver that cannot spell it is left out. */
    Map<CgroupDriver, CgroupPath> of(Pod pod) {
        Map<CgroupDriver, CgroupPath> names = new TreeMap<>();
        for (CgroupLayout layout : layouts) {
            name(layout, pod).ifPresent(path -> names.put(layout.driver(), path));
        }
        return names;
    }

    private static Optional<CgroupPath> name(CgroupLayout layout, Pod pod) {
        return layout.ofPod(new QosCgroups(layout).holding(QosClass.of(pod.spec())), pod.uid());
    }

    private static Optional<CgroupLayout> layout(Configuration.Cgroups cgroups, CgroupDriver driver) {
        try {
            return Optional.of(cgroups.layout(driver));
        } catch (IllegalArgumentException unspeakable) {
            return Optional.empty();
        }
    }
}
