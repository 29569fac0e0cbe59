package io.podslice.nri;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.ContainerRequest;
import io.podslice.node.Node;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.Verdict;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A brain that says what a test wants, and notes what it is told. */
final class ScriptedNode implements Node {
    /** What it was told, in order: method and id, {@code succeeded ID}, {@code failed}. */
    final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /** What it says to each request; by default lets it pass as it is. */
    volatile Supplier<Verdict> verdict = () -> proceed(null);

    /** What single containers get, by name, in place of what all get. */
    final Map<String, LinuxResources> containers = new ConcurrentHashMap<>();

    volatile @Nullable Refusal lateRefusal;
    volatile @Nullable PodSandboxRequest sandbox;
    volatile @Nullable ContainerRequest container;
    volatile @Nullable LinuxResources resources;
    volatile @Nullable LinuxResources overhead;

    Verdict proceed(@Nullable LinuxResources decided) {
        return new Verdict.Proceed(decided, new Completion() {
            @Override
            public void succeeded(String id) throws RefusedException {
                told.add("succeeded " + id);
                Refusal refusal = lateRefusal;
                if (refusal != null) {
                    throw new RefusedException(refusal);
                }
            }

            @Override
            public void failed() {
                told.add("failed");
            }
        });
    }

    void refuse(String reason, Refusal.Kind kind, String message) {
        verdict = () -> new Verdict.Refuse(new Refusal(reason, kind, message));
    }

    @Override
    public Verdict runPodSandbox(PodSandboxRequest request) {
        throw new AssertionError("a door behind the runtime confirms");
    }

    @Override
    public Verdict createContainer(ContainerRequest request) {
        throw new AssertionError("a door behind the runtime confirms");
    }

    @Override
    public Verdict confirmPodSandbox(String sandboxId, PodSandboxRequest request) {
        told.add("run " + sandboxId);
        sandbox = request;
        return verdict.get();
    }

    @Override
    public Verdict confirmContainer(String containerId, ContainerRequest request) {
        told.add("create " + containerId);
        container = request;
        LinuxResources own = containers.get(request.name());
        return own == null ? verdict.get() : proceed(own);
    }

    @Override
    public Verdict updateContainerResources(String containerId, LinuxResources sent) {
        told.add("update " + containerId);
        resources = sent;
        return verdict.get();
    }

    @Override
    public Verdict updatePodSandboxResources(String sandboxId, LinuxResources sentOverhead, LinuxResources sent) {
        told.add("resize " + sandboxId);
        overhead = sentOverhead;
        resources = sent;
        return verdict.get();
    }

    @Override
    public SynchronizeReport synchronize(RuntimeContents.Source runtime) {
        throw new AssertionError("NRI's lists are confirmed one by one");
    }

    @Override
    public void podSandboxStopped(String sandboxId) {
        told.add("stopped " + sandboxId);
    }

    @Override
    public void podSandboxRemoved(String sandboxId) {
        told.add("removed " + sandboxId);
    }

    @Override
    public void containerStopped(String containerId) {
        told.add("stopped container " + containerId);
    }

    @Override
    public void containerRemoved(String containerId) {
        told.add("removed container " + containerId);
    }
}
