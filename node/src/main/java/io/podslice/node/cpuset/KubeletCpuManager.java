package io.podslice.node.cpuset;

import io.podslice.managers.pod.LinuxResources;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices a kubelet whose own CPU manager is static: only then does it say which CPUs a container shall run on, with its
 * creation and, every 10 s, in updates that say nothing else. Both keep books of the same CPUs then. Guarded by the
 * brain's lock.
 */
public final class KubeletCpuManager {
    private static final Logger log = LoggerFactory.getLogger(KubeletCpuManager.class);

    private boolean seen;

    /** A container's resources came from the kubelet. */
    public void sent(String container, LinuxResources resources) {
        if (!seen && !resources.cpusetCpus().isEmpty()) {
            seen = true;
            log.warn(
                    "{} came with cpuset_cpus {}: the kubelet seems to run cpuManagerPolicy static. In pods that have"
                            + " CPUs from podslice, podslice's take their place; elsewhere the kubelet's stand, and may be"
                            + " CPUs that podslice has given to others. Give the kubelet cpuManagerPolicy: none",
                    container,
                    resources.cpusetCpus());
        }
    }

    /** Who may be writing CPU sets past podslice, for messages. */
    String suspicion() {
        return seen
                ? "It may be the kubelet, whose cpuManagerPolicy is static: give it cpuManagerPolicy: none"
                : "A kubelet with cpuManagerPolicy static that reaches the runtime past podslice does that";
    }
}
