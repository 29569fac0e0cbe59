package io.podslice.agent.plan;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.pod.QosCgroups;
import io.podslice.managers.pod.QosClass;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The names that a pod's cgroup has under each cgroup driver. */
final class PodNames {
    private final Configuration.Cgroups cgroups;

    PodNames(Configuration.Cgroups cgroups) {
        this.cgroups = cgroups;
    }

    /** Returns the path of the pod's cgroup by driver; a driver that cannot spell it is left out. */
    Map<CgroupDriver, CgroupPath> of(Pod pod) {
        Map<CgroupDriver, CgroupPath> names = new TreeMap<>();
        for (CgroupDriver driver : CgroupDriver.values()) {
            layout(driver).flatMap(layout -> name(layout, pod)).ifPresent(path -> names.put(driver, path));
        }
        return names;
    }

    private static Optional<CgroupPath> name(CgroupLayout layout, Pod pod) {
        return layout.ofPod(new QosCgroups(layout).holding(QosClass.of(pod.spec())), pod.uid());
    }

    private Optional<CgroupLayout> layout(CgroupDriver driver) {
        try {
            return Optional.of(cgroups.layout(driver));
        } catch (IllegalArgumentException unspeakable) {
            return Optional.empty();
        }
    }
}
