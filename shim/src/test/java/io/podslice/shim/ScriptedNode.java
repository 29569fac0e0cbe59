package io.podslice.shim;

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
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A brain that says what a test wants, and notes what it is told. */
public final class ScriptedNode implements Node {
    /** What it was told, in order: method and id, {@code succeeded ID}, {@code failed}. */
    public final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /** Ids of which it wants to hear little when it synchronizes. */
    public volatile Set<String> known = Set.of();

    /** What the runtime had each time it was asked. */
    public final BlockingQueue<RuntimeContents> synchronizedWith = new LinkedBlockingQueue<>();

    /** What it says to each request; by default lets it pass as it is. */
    public volatile Supplier<Verdict> verdict = this::proceed;

    /** What completions refuse with. */
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

    /** What the runtime has, once it has been asked. */
    public RuntimeContents nextSynchronized() throws InterruptedException {
        RuntimeContents contents = synchronizedWith.poll(20, TimeUnit.SECONDS);
        if (contents == null) {
            throw new AssertionError("the brain was not synchronized");
        }
        return contents;
    }

    @Override
    public Verdict runPodSandbox(PodSandboxRequest request) {
        sandbox = request;
        told.add("runPodSandbox " + request.uid());
        return verdict.get();
    }

    @Override
    public Verdict createContainer(ContainerRequest request) {
        container = request;
        told.add("createContainer " + request.name());
        return verdict.get();
    }

    @Override
    public Verdict confirmPodSandbox(String sandboxId, PodSandboxRequest request) {
        throw new AssertionError("a door in front of the runtime decides");
    }

    @Override
    public Verdict confirmContainer(String containerId, ContainerRequest request) {
        throw new AssertionError("a door in front of the runtime decides");
    }

    @Override
    public Verdict updateContainerResources(String containerId, LinuxResources asked) {
        resources = asked;
        told.add("updateContainerResources " + containerId);
        return verdict.get();
    }

    @Override
    public Verdict updatePodSandboxResources(String sandboxId, LinuxResources over, LinuxResources asked) {
        overhead = over;
        resources = asked;
        told.add("updatePodSandboxResources " + sandboxId);
        return verdict.get();
    }

    @Override
    public void podSandboxStopped(String sandboxId) {
        told.add("podSandboxStopped " + sandboxId);
    }

    @Override
    public void podSandboxRemoved(String sandboxId) {
        told.add("podSandboxRemoved " + sandboxId);
    }

    @Override
    public void containerStopped(String containerId) {
        told.add("containerStopped " + containerId);
    }

    @Override
    public void containerRemoved(String containerId) {
        told.add("containerRemoved " + containerId);
    }

    @Override
    public SynchronizeReport synchronize(RuntimeContents.Source runtime) throws IOException {
        RuntimeContents contents = runtime.ask(known);
        synchronizedWith.add(contents);
        return SynchronizeReport.NOTHING;
    }
}
