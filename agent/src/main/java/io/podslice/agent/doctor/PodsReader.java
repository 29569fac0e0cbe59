package io.podslice.agent.doctor;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.host.HostFiles;
import io.podslice.agent.plan.Readmission;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.machine.Kernel;
import io.podslice.cgroups.machine.Machine;
import io.podslice.node.PodSandboxRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks the runtime for the pods that run, and a brain without a node for the refusals that they would meet. */
final class PodsReader {
    private static final long USUAL_PAGE_BYTES = 4096;

    private final HostFiles files;
    private final Probes probes;
    private final List<String> unreadable;

    /** @param unreadable takes a line where the runtime does not answer */
    PodsReader(HostFiles files, Probes probes, List<String> unreadable) {
        this.files = files;
        this.probes = probes;
        this.unreadable = unreadable;
    }

    NodeRecord.Pods read(
            Configuration configuration,
            Machine machine,
            NodeRecord.Cgroups cgroups,
            NodeRecord.ContainerRuntime runtime) {
        if (!runtime.socket().answers()) {
            return new NodeRecord.Pods(-1, 0, Map.of());
        }
        List<PodSandboxRequest> running;
        try {
            running = probes.pods(files.at(configuration.shim().runtime().toString()));
        } catch (IOException e) {
            unreadable.add("the runtime's pods: " + e.getMessage());
            return new NodeRecord.Pods(-1, 0, Map.of());
        }
        CgroupDriver driver = configuration
                .cgroups()
                .driver()
                .or(runtime::driver)
                .orElse(
                        cgroups.kubepods().containsKey(CgroupDriver.SYSTEMD)
                                ? CgroupDriver.SYSTEMD
                                : CgroupDriver.CGROUPFS);
        Map<String, String> refused = new LinkedHashMap<>();
        Readmission.refused(machine, configuration, configuration.cgroups().layout(driver), running, pageBytes())
                .forEach((pod, refusal) -> refused.put(pod, refusal.text()));
        int asking = (int) running.stream().filter(PodSandboxRequest::asks).count();
        return new NodeRecord.Pods(running.size(), asking, refused);
    }

    /** Returns the page size of this machine; that of a copy of a node's files is not known. */
    private long pageBytes() {
        if (!files.isHere()) {
            return USUAL_PAGE_BYTES;
        }
        try {
            return Kernel.read(Path.of("/proc")).pageBytes();
        } catch (IOException e) {
            unreadable.add(String.valueOf(e.getMessage()));
            return USUAL_PAGE_BYTES;
        }
    }
}
