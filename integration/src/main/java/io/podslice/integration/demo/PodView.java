package io.podslice.integration.demo;

import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.PodManifest;
import java.util.List;

/**
 * A running pod with the values of its cgroups.
 *
 * @param manifest the pod as it was asked for
 * @param cgroup the values of its cgroup
 * @param containers in the order of the spec
 */
record PodView(PodManifest manifest, Reading cgroup, List<ContainerView> containers) {

    PodView {
        containers = List.copyOf(containers);
    }

    /**
     * A running container.
     *
     * @param manifest the container as it was asked for
     * @param cgroup the values of its cgroup
     * @param allowed the CPUs that the kernel lets its process run on
     */
    record ContainerView(ContainerManifest manifest, Reading cgroup, CpuSet allowed) {

        /** Returns true if the container asked for exclusive CPUs: whole ones, as requests and limits. */
        boolean wantsOwnCpus() {
            long millis = manifest.wants().limits().cpuMillis();
            return millis > 0
                    && millis % 1000 == 0
                    && manifest.wants().requests().equals(manifest.wants().limits());
        }

        String name() {
            return manifest.name();
        }

        CpuSet cpus() {
            return cgroup.cpus();
        }
    }

    String name() {
        return manifest.name();
    }

    ContainerView container(String name) {
        return containers.stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name() + " runs no container " + name));
    }

    boolean usesDevices() {
        return manifest.containers().stream()
                .anyMatch(container -> !container.devices().isEmpty());
    }

    /** Returns all CPUs of the pod's containers. */
    CpuSet cpus() {
        return containers.stream().map(ContainerView::cpus).reduce(CpuSet.empty(), CpuSet::union);
    }
}
