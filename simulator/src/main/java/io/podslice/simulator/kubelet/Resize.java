package io.podslice.simulator.kubelet;

import io.podslice.proto.cri.v1.LinuxContainerResources;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/**
 * The order of one in-place resize (facts: kubelet 4.5): memory completely, then CPU; for each the pod up, its
 * containers down and then up, the pod down.
 */
final class Resize {
    /** The changes that a step of a resize makes to the node. */
    interface Actions {
        /**
         * Tells the runtime the pod's values before the cgroup is written; values that do not change are the present
         * ones.
         */
        void tellRuntime(PodBudget budget, String what);

        void podCpuRequest(long millis);

        void podCpuLimit(long millis);

        void podMemoryLimit(long bytes);

        void container(ContainerManifest container, LinuxContainerResources resources, String what);
    }

    private final CriMessages messages;
    private final PodManifest before;
    private final PodManifest after;
    private final Actions actions;
    private PodBudget now;

    Resize(CriMessages messages, PodManifest before, PodManifest after, Actions actions) {
        this.messages = messages;
        this.before = before;
        this.after = after;
        this.actions = actions;
        this.now = PodBudget.of(before);
    }

    void run() {
        PodBudget target = PodBudget.of(after);
        memoryLimit(target, true);
        containers(Amounts::memoryBytes, this::containerMemory);
        memoryLimit(target, false);
        cpuLimit(target, true);
        cpuRequest(target, true);
        containers(Amounts::cpuMillis, this::containerCpu);
        cpuRequest(target, false);
        cpuLimit(target, false);
    }

    private static boolean due(long from, long to, boolean up) {
        return up ? to > from : to < from;
    }

    private void memoryLimit(PodBudget target, boolean up) {
        if (due(now.memoryLimitBytes(), target.memoryLimitBytes(), up)) {
            now = now.withMemoryLimit(target.memoryLimitBytes());
            actions.tellRuntime(now, "memory limit " + PodSpecAnnotation.memory(now.memoryLimitBytes()));
            actions.podMemoryLimit(now.memoryLimitBytes());
        }
    }

    private void cpuLimit(PodBudget target, boolean up) {
        if (due(now.cpuLimitMillis(), target.cpuLimitMillis(), up)) {
            now = now.withCpuLimit(target.cpuLimitMillis());
            actions.tellRuntime(now, "CPU limit " + PodSpecAnnotation.cpu(now.cpuLimitMillis()));
            actions.podCpuLimit(now.cpuLimitMillis());
        }
    }

    private void cpuRequest(PodBudget target, boolean up) {
        if (due(now.cpuRequestMillis(), target.cpuRequestMillis(), up)) {
            now = now.withCpuRequest(target.cpuRequestMillis());
            actions.tellRuntime(now, "CPU request " + PodSpecAnnotation.cpu(now.cpuRequestMillis()));
            actions.podCpuRequest(now.cpuRequestMillis());
        }
    }

    /** Decreases the containers' limits in reverse order of the spec, then increases them in its order. */
    private void containers(ToLongFunction<Amounts> resource, BiConsumer<ContainerManifest, ContainerManifest> update) {
        Deque<ContainerManifest> changed = new ArrayDeque<>();
        for (ContainerManifest container : after.longRunning()) {
            ContainerManifest old = before.container(container.name());
            long limit = resource.applyAsLong(after.effectiveLimits(container));
            long oldLimit = resource.applyAsLong(before.effectiveLimits(old));
            long request = resource.applyAsLong(container.wants().requests());
            long oldRequest = resource.applyAsLong(old.wants().requests());
            boolean down = limit == oldLimit ? request < oldRequest : limit < oldLimit;
            if (down) {
                changed.addFirst(container);
            } else if (limit != oldLimit || request != oldRequest) {
                changed.addLast(container);
            }
        }
        changed.forEach(container -> update.accept(before.container(container.name()), container));
    }

    /** Updates a container to its new memory limit and its old CPU limit. */
    private void containerMemory(ContainerManifest old, ContainerManifest container) {
        Amounts limits = new Amounts(
                before.effectiveLimits(old).cpuMillis(),
                after.effectiveLimits(container).memoryBytes());
        actions.container(
                container,
                messages.containerResources(after, old, limits),
                "memory limit " + PodSpecAnnotation.memory(limits.memoryBytes()));
    }

    private void containerCpu(ContainerManifest old, ContainerManifest container) {
        Amounts limits = after.effectiveLimits(container);
        actions.container(
                container,
                messages.containerResources(after, container, limits),
                "CPU limit " + PodSpecAnnotation.cpu(limits.cpuMillis()));
    }
}
