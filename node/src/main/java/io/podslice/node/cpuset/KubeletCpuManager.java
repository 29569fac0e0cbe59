package io.podslice.node.cpuset;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.state.Guard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects a kubelet whose own CPU manager has the static policy: only such a kubelet names a container's CPUs, with its
 * creation and, every 10 s, in updates that hold nothing else. Kubelet and podslice then both allocate the same CPUs.
 *
 */
public final class KubeletCpuManager {
    private static final Logger log = LoggerFactory.getLogger(KubeletCpuManager.class);

    private final Guard guard;
    private boolean seen;

    /** @param guard the brain's lock */
    public KubeletCpuManager(Guard guard) {
        this.guard = guard;
    }

    /** Looks at the resources that the kubelet sent for a container, and warns once if they name CPUs. */
    public void sent(String container, LinuxResources resources) {
        guard.assertHeld();
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

    /** Returns a sentence for log lines, on the program that may be writing CPU sets past podslice. */
    String suspicion() {
        return seen
                ? "It may be the kubelet, whose cpuManagerPolicy is static: give it cpuManagerPolicy: none"
                : "A kubelet with cpuManagerPolicy static that reaches the runtime past podslice does that";
    }
}
