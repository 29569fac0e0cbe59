package io.podslice.shim;

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
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A brain that says what a test wants, and notes what it is told. */
public final class ScriptedNode implements Brain {
    /** The requests and events that it was told of, in order: method and id, {@code succeeded ID}, {@code failed}. */
    public final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /** Ids of which it wants to hear little when it synchronizes. */
    public volatile Set<String> known = Set.of();

    /** The runtime's contents each time it was asked. */
    public final BlockingQueue<RuntimeContents> synchronizedWith = new LinkedBlockingQueue<>();

    /** Sandboxes and containers of pods that ask something, beside those whose requests say so. */
    final Set<String> asking = ConcurrentHashMap.newKeySet();

    /** Its verdict on each request; by default the request passes as it is. */
    public volatile Supplier<Verdict> verdict = this::proceed;

    /** The refusal of every completion. */
    public volatile @Nullable Refusal lateRefusal;

    public volatile @Nullable PodSandboxRequest sandbox;
    public volatile @Nullable ContainerRequest container;
    public volatile @Nullable LinuxResources resources;
    public volatile @Nullable LinuxResources overhead;

    /** Lets the request pass as it is. */
    public Verdict proceed() {
        return proceed(null);
    }

    /** Lets the request pass with these resources. */
    public Verdict proceed(@Nullable LinuxResources decided) {
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

    public void refuse(String reason, Refusal.Kind kind, String message) {
        verdict = () -> new Verdict.Refuse(new Refusal(reason, kind, message));
    }

    public void breakDown(String why) {
        verdict = () -> {
            throw new IllegalStateException(why);
        };
    }

    /** The next thing it was told, waited for. */
    public String nextTold() throws InterruptedException {
        String next = told.poll(20, TimeUnit.SECONDS);
        return next == null ? "nothing" : next;
    }

    /** Waits until the runtime has been asked; returns its contents. */
    public RuntimeContents nextSynchronized() throws InterruptedException {
        RuntimeContents contents = synchronizedWith.poll(20, TimeUnit.SECONDS);
        if (contents == null) {
            throw new AssertionError("the brain was not synchronized");
        }
        return contents;
    }

    @Override
    public Verdict decide(NodeRequest request) {
        switch (request) {
            case NodeRequest.RunPodSandbox(var asked) -> {
                sandbox = asked;
                told.add("runPodSandbox " + asked.uid());
            }
            case NodeRequest.CreateContainer(var asked) -> {
                container = asked;
                told.add("createContainer " + asked.name());
            }
            case NodeRequest.UpdateContainer update -> {
                resources = update.resources();
                told.add("updateContainerResources " + update.containerId());
            }
            case NodeRequest.UpdatePodSandbox update -> {
                overhead = update.overhead();
                resources = update.resources();
                told.add("updatePodSandboxResources " + update.sandboxId());
            }
            case NodeRequest.ConfirmPodSandbox confirm ->
                throw new AssertionError("a door in front of the runtime decides");
            case NodeRequest.ConfirmContainer confirm ->
                throw new AssertionError("a door in front of the runtime decides");
        }
        return verdict.get();
    }

    @Override
    public boolean asks(NodeRequest request) {
        return request.asks()
                || switch (request) {
                    case NodeRequest.CreateContainer create ->
                        asking.contains(create.container().sandboxId());
                    case NodeRequest.UpdateContainer update -> asking.contains(update.containerId());
                    case NodeRequest.UpdatePodSandbox update -> asking.contains(update.sandboxId());
                    default -> false;
                };
    }

    @Override
    public void happened(NodeEvent event) {
        told.add(
                switch (event) {
                    case NodeEvent.SandboxStopped(String id) -> "podSandboxStopped " + id;
                    case NodeEvent.SandboxRemoved(String id) -> "podSandboxRemoved " + id;
                    case NodeEvent.ContainerStarted(String id) -> "containerStarted " + id;
                    case NodeEvent.ContainerStopped(String id) -> "containerStopped " + id;
                    case NodeEvent.ContainerRemoved(String id) -> "containerRemoved " + id;
                });
    }

    @Override
    public SynchronizeReport synchronize(RuntimeContents.Source runtime) throws IOException {
        RuntimeContents contents = runtime.ask(known);
        synchronizedWith.add(contents);
        return SynchronizeReport.NOTHING;
    }
}
