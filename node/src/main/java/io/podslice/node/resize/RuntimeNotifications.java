package io.podslice.node.resize;

import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ContainerValues;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.node.NodeConfig;
import io.podslice.node.ResizeCondition;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.change.Changes;
import io.podslice.node.pods.Containers;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.Guard;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import io.podslice.node.state.ResizeInProgress;
import io.podslice.node.state.ResizeInProgress.Squeezed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the runtime has still to be told of containers that were resized without it. The cgroups are written first, all
 * of a resize at once; the runtime merges what it is told later into what it keeps, so that must be true, too. It is
 * told without the brain's lock: a runtime with NRI asks its plugins, podslice among them, before it answers.
 */
public final class RuntimeNotifications {
    private final Guard guard;
    private final NodeConfig config;
    private final Ledger ledger;
    private final Changes changes;
    private final Containers containers;
    private final RuntimeUpdates runtime;

    public RuntimeNotifications(
            Guard guard,
            NodeConfig config,
            Ledger ledger,
            Changes changes,
            Containers containers,
            RuntimeUpdates runtime) {
        this.guard = guard;
        this.config = config;
        this.ledger = ledger;
        this.changes = changes;
        this.containers = containers;
        this.runtime = runtime;
    }

    private record News(String uid, Optional<PodSpec> spec, String container, LinuxResources resources) {}

    /** The pod, resized, with the containers to be told of that the resize has changed. Needs the lock. */
    PodState toBeTold(PodState before, PodState resized, Instant now) {
        List<String> untold = new ArrayList<>();
        if (runtime.isConnected()) {
            for (ContainerState container : resized.containers()) {
                boolean changed = !ResizePlan.amounts(before, container.name())
                                .equals(ResizePlan.amounts(resized, container.name()))
                        || !before.cpusOf(container.name()).equals(resized.cpusOf(container.name()));
                if (changed && !container.id().isEmpty()) {
                    untold.add(container.id());
                }
            }
        }
        List<Squeezed> squeezed =
                resized.resizing().map(ResizeInProgress::squeezed).orElse(List.of());
        if (untold.isEmpty() && squeezed.isEmpty()) {
            return resized.withResizing(Optional.empty());
        }
        ResizeCondition condition =
                new ResizeCondition(ResizeCondition.Type.IN_PROGRESS, "", "the runtime has not been told yet", now);
        return resized.withResizing(Optional.of(new ResizeInProgress(condition, squeezed, untold)));
    }

    /** Tells what there is to tell. Blocks; must be called without the lock. */
    public void tell() {
        if (!runtime.isConnected()) {
            return;
        }
        List<News> told = new ArrayList<>();
        for (News news : guard.look(this::news)) {
            if (runtime.update(news.container(), news.resources())) {
                told.add(news);
            }
        }
        if (!told.isEmpty()) {
            guard.quietly("runtime told", () -> forget(told));
        }
    }

    private List<News> news() {
        List<News> news = new ArrayList<>();
        for (PodState pod : ledger.state().pods()) {
            for (String id : pod.resizing().map(ResizeInProgress::untold).orElse(List.of())) {
                pod.container(id).ifPresent(container -> {
                    containers.told(pod, container);
                    news.add(new News(pod.uid(), pod.spec(), id, resources(pod, container)));
                });
            }
        }
        return news;
    }

    private LinuxResources resources(PodState pod, ContainerState container) {
        ContainerSpec spec =
                pod.spec().flatMap(known -> known.container(container.name())).orElse(null);
        LinuxResources values = spec == null
                ? LinuxResources.NONE
                : ContainerValues.filledIn(
                        LinuxResources.NONE, spec, pod.budget().limits(), config.cfs());
        return containers.updated(pod, container, values.withHugepageLimits(Map.of()));
    }

    /** What has been resized again since is told again. */
    private void forget(List<News> told) {
        NodeState next = ledger.state();
        for (PodState pod : ledger.state().pods()) {
            ResizeInProgress resizing = pod.resizing().orElse(null);
            if (resizing == null || resizing.untold().isEmpty()) {
                continue;
            }
            Set<String> left = new HashSet<>(resizing.untold());
            left.retainAll(pod.containers().stream().map(ContainerState::id).toList());
            for (News news : told) {
                if (news.uid().equals(pod.uid()) && news.spec().equals(pod.spec())) {
                    left.remove(news.container());
                }
            }
            next = next.with(pod.withResizing(resizing.withUntold(
                    resizing.untold().stream().filter(left::contains).toList())));
        }
        changes.noteAnyway(next, "the runtime knows");
    }
}
