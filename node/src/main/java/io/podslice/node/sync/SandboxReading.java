package io.podslice.node.sync;

import io.podslice.node.PodSandboxRequest;
import io.podslice.node.pods.PodIntake;

/**
 * A running sandbox that the state lacks, read before the brain's lock is taken.
 *
 * @param pod the sandbox's pod, with the cgroup that it was found in where the runtime does not report one
 * @param intake the pod's demands on podslice
 */
public record SandboxReading(PodSandboxRequest pod, PodIntake.Intake intake) {}
