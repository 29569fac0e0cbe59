package io.podslice.node;

import io.podslice.managers.pod.LinuxResources;
import java.io.IOException;

/**
 * The brain as a door sees it: one call for each event of a pod's or container's life. Every method may block on
 * file writes, may be called from any thread, and never throws for anything that a request holds: it refuses.
 *
 * <p>A verdict that lets a call proceed carries a {@link Completion}; the door calls exactly one of its methods when
 * the runtime has answered, been cancelled or gone away.
 */
public interface Node {

    /** Admits the pod, writes its cgroup and shrinks the pools, before the runtime sees the call. */
    Verdict runPodSandbox(PodSandboxRequest request);

    /** Decides the container's CPUs, memory nodes, quota and inherited limits. */
    Verdict createContainer(ContainerRequest request);

    /**
     * The runtime has made the sandbox and asks whether the pod may stay, as NRI does. A pod that another door has let
     * in is confirmed, and nothing is decided again; any other is {@linkplain #runPodSandbox admitted} now.
     */
    Verdict confirmPodSandbox(String sandboxId, PodSandboxRequest request);

    /**
     * The runtime makes the container, or runs it already, and asks what it shall have. One that is known by that id, or
     * that another door has just let in, gets what was decided for it; any other is {@linkplain #createContainer
     * decided on} now.
     */
    Verdict confirmContainer(String containerId, ContainerRequest request);

    /** Keeps the container's CPUs, and its quota off where it is pinned, through anybody's update. */
    Verdict updateContainerResources(String containerId, LinuxResources resources);

    /**
     * Checks that the pod's new budget is feasible. It is enforced by {@link Completion#succeeded}, once the runtime
     * has accepted it or turned out not to know the call; that may still be refused, and then nothing has changed.
     */
    Verdict updatePodSandboxResources(String sandboxId, LinuxResources overhead, LinuxResources resources);

    /** The runtime has stopped the sandbox and every container in it. */
    void podSandboxStopped(String sandboxId);

    /** The runtime has removed the sandbox and every container in it. */
    void podSandboxRemoved(String sandboxId);

    /** The runtime has stopped the container. */
    void containerStopped(String containerId);

    /** The runtime has removed the container. */
    void containerRemoved(String containerId);

    /**
     * Brings what is known to what the runtime has: takes in pods and containers that came while podslice was away, and
     * drops those that went. Pods that change while the runtime is asked are left alone; nothing is dropped on an
     * answer that is empty. What was found is logged once.
     *
     * @param runtime asked without holding anybody up
     * @throws IOException if the runtime did not answer; nothing has changed
     */
    SynchronizeReport synchronize(RuntimeContents.Source runtime) throws IOException;
}
