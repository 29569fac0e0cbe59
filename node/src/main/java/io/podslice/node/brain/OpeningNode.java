package io.podslice.node.brain;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.ContainerRequest;
import io.podslice.node.Node;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.Verdict;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * A brain that is still being opened, so that a door can let everybody else through meanwhile: each call waits until it
 * is open. A door gives a call that waits too long the answer of a brain that fails.
 */
public final class OpeningNode implements Node {
    private final CompletableFuture<Node> opened = new CompletableFuture<>();

    /** It is open: those who wait go on, and nobody waits any more. */
    public void open(Node node) {
        opened.complete(node);
    }

    private Node opened() {
        return opened.join();
    }

    @Override
    public Verdict runPodSandbox(PodSandboxRequest request) {
        return opened().runPodSandbox(request);
    }

    @Override
    public Verdict createContainer(ContainerRequest request) {
        return opened().createContainer(request);
    }

    @Override
    public Verdict confirmPodSandbox(String sandboxId, PodSandboxRequest request) {
        return opened().confirmPodSandbox(sandboxId, request);
    }

    @Override
    public Verdict confirmContainer(String containerId, ContainerRequest request) {
        return opened().confirmContainer(containerId, request);
    }

    @Override
    public Verdict updateContainerResources(String containerId, LinuxResources resources) {
        return opened().updateContainerResources(containerId, resources);
    }

    @Override
    public Verdict updatePodSandboxResources(String sandboxId, LinuxResources overhead, LinuxResources resources) {
        return opened().updatePodSandboxResources(sandboxId, overhead, resources);
    }

    @Override
    public void podSandboxStopped(String sandboxId) {
        opened().podSandboxStopped(sandboxId);
    }

    @Override
    public void podSandboxRemoved(String sandboxId) {
        opened().podSandboxRemoved(sandboxId);
    }

    @Override
    public void containerStopped(String containerId) {
        opened().containerStopped(containerId);
    }

    @Override
    public void containerRemoved(String containerId) {
        opened().containerRemoved(containerId);
    }

    @Override
    public SynchronizeReport synchronize(RuntimeContents.Source runtime) throws IOException {
        return opened().synchronize(runtime);
    }
}
