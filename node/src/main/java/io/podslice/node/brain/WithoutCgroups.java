package io.podslice.node.brain;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.ContainerRequest;
import io.podslice.node.Node;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.Verdict;
import io.podslice.node.pods.PodIntake;

/**
 * The brain of a node on which nothing can be enforced, for want of cgroup v2: a pod that asks nothing of podslice is
 * let through as if podslice were not there, and one that does is refused, since nobody could keep what it asks for.
 */
public final class WithoutCgroups implements Node {
    private final String problem;

    /** @param problem what is missing, for the refusals */
    public WithoutCgroups(String problem) {
        this.problem = problem;
    }

    /** What is missing. */
    public String problem() {
        return problem;
    }

    private Verdict verdict(PodSandboxRequest request) {
        return PodIntake.own(request.annotations()).isEmpty()
                ? letThrough()
                : new Verdict.Refuse(new Refusal("CgroupV2Required", Refusal.Kind.PRECONDITION, problem));
    }

    private static Verdict letThrough() {
        return new Verdict.Proceed(null, Completion.NONE);
    }

    @Override
    public Verdict runPodSandbox(PodSandboxRequest request) {
        return verdict(request);
    }

    @Override
    public Verdict createContainer(ContainerRequest request) {
        return verdict(request.sandbox());
    }

    @Override
    public Verdict confirmPodSandbox(String sandboxId, PodSandboxRequest request) {
        return verdict(request);
    }

    @Override
    public Verdict confirmContainer(String containerId, ContainerRequest request) {
        return verdict(request.sandbox());
    }

    @Override
    public Verdict updateContainerResources(String containerId, LinuxResources resources) {
        return letThrough();
    }

    @Override
    public Verdict updatePodSandboxResources(String sandboxId, LinuxResources overhead, LinuxResources resources) {
        return letThrough();
    }

    @Override
    public void podSandboxStopped(String sandboxId) {}

    @Override
    public void podSandboxRemoved(String sandboxId) {}

    @Override
    public void containerStopped(String containerId) {}

    @Override
    public void containerRemoved(String containerId) {}

    /** It knows nothing, and asks nobody. */
    @Override
    public SynchronizeReport synchronize(RuntimeContents.Source runtime) {
        return SynchronizeReport.NOTHING;
    }
}
