package io.podslice.node;

import io.podslice.managers.pod.LinuxResources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** What a runtime says it has: CRI's lists, or what NRI's Synchronize tells. */
public record RuntimeContents(List<Sandbox> sandboxes, List<Container> containers) {

    public RuntimeContents {
        sandboxes = List.copyOf(sandboxes);
        containers = List.copyOf(containers);
    }

    /**
     * A pod sandbox.
     *
     * @param id the runtime's
     * @param pod what is told of the pod; the cgroup's parent is empty and the resources are nothing where the runtime
     *     does not tell
     * @param ready whether it runs
     * @param createdAtNanos Unix time
     */
    public record Sandbox(String id, PodSandboxRequest pod, boolean ready, long createdAtNanos) {}

    /**
     * A container.
     *
     * @param id the runtime's
     * @param name in the pod spec
     * @param live whether it is created or runs; not, if it has exited
     * @param createdAtNanos Unix time
     * @param resources as the runtime has stored them; nothing where it does not tell
     */
    public record Container(
            String id, String sandboxId, String name, boolean live, long createdAtNanos, LinuxResources resources) {}

    /** Asks the runtime. */
    public interface Source {
        /**
         * Everything that the runtime has.
         *
         * @param known ids of sandboxes and containers of which id and state are enough
         * @throws IOException if it cannot be asked, or did not tell all
         */
        RuntimeContents ask(Set<String> known) throws IOException;
    }

    /** The live containers of a sandbox, the oldest first: later ones say what has become of earlier ones. */
    public List<Container> liveIn(String sandboxId) {
        List<Container> live = new ArrayList<>();
        for (Container container : containers) {
            if (container.live() && container.sandboxId().equals(sandboxId)) {
                live.add(container);
            }
        }
        live.sort(Comparator.comparingLong(Container::createdAtNanos).thenComparing(Container::id));
        return live;
    }
}
