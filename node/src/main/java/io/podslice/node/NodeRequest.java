package io.podslice.node;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodAnnotations;
import java.util.List;
import java.util.Map;

/** A request on which a door wants the brain's {@link Verdict}. */
public sealed interface NodeRequest {

    /** The pod's annotations, as far as the door is told them; empty for updates that come by CRI. */
    Map<String, String> annotations();

    /** The CRI call's name, for metrics; a request that confirms has the name of the call that it stands for. */
    String call();

    /** A short text for log lines: the call, and its pod and container as far as they are known. */
    String describe();

    /** Tells if an annotation of the pod asks something of podslice. */
    default boolean asks() {
        for (String name : annotations().keySet()) {
            if (PodAnnotations.isOwn(name)) {
                return true;
            }
        }
        return false;
    }

    /** Asks to admit a pod, before the runtime makes its sandbox. */
    record RunPodSandbox(PodSandboxRequest sandbox) implements NodeRequest {
        @Override
        public Map<String, String> annotations() {
            return sandbox.annotations();
        }

        @Override
        public String call() {
            return "RunPodSandbox";
        }

        @Override
        public String describe() {
            return call() + " " + sandbox.namespace() + "/" + sandbox.name();
        }
    }

    /**
     * Asks for a container's CPUs, memory nodes, quota and inherited limits, before the runtime makes the container.
     */
    record CreateContainer(ContainerRequest container) implements NodeRequest {
        @Override
        public Map<String, String> annotations() {
            return container.sandbox().annotations();
        }

        @Override
        public String call() {
            return "CreateContainer";
        }

        @Override
        public String describe() {
            return call() + " " + container.describe();
        }
    }

    /**
     * The runtime has made the sandbox and asks if the pod may stay, as NRI does. A pod that another door has let in is
     * confirmed, and nothing is decided again; any other is admitted now, and keeps what its containers run with.
     *
     * @param running the sandbox's containers that are created or run; empty for a new sandbox
     */
    record ConfirmPodSandbox(String sandboxId, PodSandboxRequest sandbox, List<RuntimeContents.Container> running)
            implements NodeRequest {
        public ConfirmPodSandbox {
            running = List.copyOf(running);
        }

        /** A sandbox that is new, in which nothing runs. */
        public ConfirmPodSandbox(String sandboxId, PodSandboxRequest sandbox) {
            this(sandboxId, sandbox, List.of());
        }

        @Override
        public Map<String, String> annotations() {
            return sandbox.annotations();
        }

        @Override
        public String call() {
            return "RunPodSandbox";
        }

        @Override
        public String describe() {
            return call() + " " + sandbox.namespace() + "/" + sandbox.name();
        }
    }

    /**
     * The runtime makes the container, or runs it already, and asks for its resources. A container that is known by its
     * id, or that another door has just let in, gets the resources that were decided for it; any other is decided now.
     *
     * @param runs true if the container is made already: its memory limit is not lowered
     */
    record ConfirmContainer(String containerId, ContainerRequest container, boolean runs) implements NodeRequest {
        /** A container that the runtime is making. */
        public ConfirmContainer(String containerId, ContainerRequest container) {
            this(containerId, container, false);
        }

        @Override
        public Map<String, String> annotations() {
            return container.sandbox().annotations();
        }

        @Override
        public String call() {
            return "CreateContainer";
        }

        @Override
        public String describe() {
            return call() + " " + container.describe();
        }
    }

    /**
     * A container's resources change. Exclusive CPUs follow its size and not the update's CPU set, and no quota comes into
     * force for them.
     *
     * @param podAnnotations the pod's annotations where the door is told them; CRI's call carries none
     * @param door the door by which it comes: NRI's runtime waits for the answer, and cannot be called before
     */
    record UpdateContainer(String containerId, Map<String, String> podAnnotations, LinuxResources resources, Door door)
            implements NodeRequest {
        public UpdateContainer {
            podAnnotations = Map.copyOf(podAnnotations);
        }

        /** An update that comes by CRI. */
        public UpdateContainer(String containerId, Map<String, String> podAnnotations, LinuxResources resources) {
            this(containerId, podAnnotations, resources, Door.CRI);
        }

        @Override
        public Map<String, String> annotations() {
            return podAnnotations;
        }

        @Override
        public String call() {
            return "UpdateContainerResources";
        }

        @Override
        public String describe() {
            return call() + " " + containerId;
        }
    }

    /**
     * A pod's budget changes, if that is feasible. {@link Completion#succeeded} enforces it, once the runtime has
     * accepted it or turned out not to know the call; that may still be refused, and then nothing has changed.
     *
     * @param podAnnotations the pod's annotations where the door is told them; CRI's call carries none
     * @param overhead {@code linux.overhead}
     * @param resources {@code linux.resources}: the pod's, without overhead
     * @param door the door by which it comes: NRI's runtime waits for the answer, and cannot be called before
     */
    record UpdatePodSandbox(
            String sandboxId,
            Map<String, String> podAnnotations,
            LinuxResources overhead,
            LinuxResources resources,
            Door door)
            implements NodeRequest {
        public UpdatePodSandbox {
            podAnnotations = Map.copyOf(podAnnotations);
        }

        /** An update that comes by CRI. */
        public UpdatePodSandbox(
                String sandboxId,
                Map<String, String> podAnnotations,
                LinuxResources overhead,
                LinuxResources resources) {
            this(sandboxId, podAnnotations, overhead, resources, Door.CRI);
        }

        @Override
        public Map<String, String> annotations() {
            return podAnnotations;
        }

        @Override
        public String call() {
            return "UpdatePodSandboxResources";
        }

        @Override
        public String describe() {
            return call() + " " + sandboxId;
        }
    }
}
