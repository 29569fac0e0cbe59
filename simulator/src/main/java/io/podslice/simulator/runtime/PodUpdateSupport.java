package io.podslice.simulator.runtime;

/** The runtime's support of UpdatePodSandboxResources, for which it never writes to a cgroup. */
public enum PodUpdateSupport {
    /** containerd up to 2.1: the method does not exist. */
    UNIMPLEMENTED,
    /** containerd 2.2: status Unknown with the words "not implemented". */
    NOT_IMPLEMENTED_MESSAGE,
    /** containerd from 2.3 on: stored in the sandbox's record. */
    STORED
}
