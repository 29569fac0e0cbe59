package io.podslice.nri;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.Verdict;
import io.podslice.node.brain.Brain;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A brain that answers as a test wants, and records what it is told. */
final class ScriptedNode implements Brain {
    /** The calls so far, in order: method and id, {@code succeeded ID}, {@code failed}. */
    final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /** The verdict on each request; passes it unchanged by default. */
    volatile Supplier<Verdict> verdict = () -> proceed(null);

    /** The resources of single containers, by name, in place of those in the verdict. */
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
    public Verdict decide(NodeRequest request) {
        switch (request) {
            case NodeRequest.ConfirmPodSandbox confirm -> {
                told.add("run " + confirm.sandboxId());
                sandbox = confirm.sandbox();
            }
            case NodeRequest.ConfirmContainer confirm -> {
                told.add("create " + confirm.containerId());
                container = confirm.container();
                LinuxResources own = containers.get(confirm.container().name());
                if (own != null) {
                    return proceed(own);
                }
            }
            case NodeRequest.UpdateContainer update -> {
                told.add("update " + update.containerId());
                resources = update.resources();
            }
            case NodeRequest.UpdatePodSandbox update -> {
                told.add("resize " + update.sandboxId());
                overhead = update.overhead();
                resources = update.resources();
            }
            case NodeRequest.RunPodSandbox run -> throw new AssertionError("a door behind the runtime confirms");
            case NodeRequest.CreateContainer create -> throw new AssertionError("a door behind the runtime confirms");
        }
        return verdict.get();
    }

    @Override
    public boolean asks(NodeRequest request) {
        return request.asks();
    }

    @Override
    public void happened(NodeEvent event) {
        told.add(
                switch (event) {
                    case NodeEvent.SandboxStopped(String id) -> "stopped " + id;
                    case NodeEvent.SandboxRemoved(String id) -> "removed " + id;
                    case NodeEvent.ContainerStarted(String id) -> "started container " + id;
                    case NodeEvent.ContainerStopped(String id) -> "stopped container " + id;
                    case NodeEvent.ContainerRemoved(String id) -> "removed container " + id;
                });
    }

    @Override
    public SynchronizeReport synchronize(RuntimeContents.Source runtime) {
        throw new AssertionError("NRI's lists are confirmed one by one");
    }
}
