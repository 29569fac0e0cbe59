package io.podslice.node;

import io.podslice.managers.pod.LinuxResources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** The sandboxes and containers that a runtime reports, in CRI's lists or in NRI's Synchronize. */
public record RuntimeContents(List<Sandbox> sandboxes, List<Container> containers) {

    public RuntimeContents {
        sandboxes = List.copyOf(sandboxes);
        containers = List.copyOf(containers);
    }

    /**
     * A pod sandbox.
     *
     * @param id the runtime's
     * @param pod the pod as far as the runtime reports it; the cgroup parent and the resources are empty where it does
     *     not
     * @param ready whether it runs
     * @param createdAtNanos Unix time
     */
    public record Sandbox(String id, PodSandboxRequest pod, boolean ready, long createdAtNanos) {}

    /**
     * A container.
     *
     * @param id the runtime's
     * @param name in the pod spec
     * @param live true if it is created or runs, false once it has exited
     * @param createdAtNanos Unix time
     * @param resources as the runtime has stored them; empty where it does not report them
     */
    public record Container(
            String id, String sandboxId, String name, boolean live, long createdAtNanos, LinuxResources resources) {}

    /** Asks the runtime for its contents. */
    public interface Source {
        /**
         * Asks for all sandboxes and containers.
         *
         * @param known ids of sandboxes and containers of which id and state are enough
         * @throws IOException if the runtime cannot be asked, or did not report everything
         */
        RuntimeContents ask(Set<String> known) throws IOException;
    }

    /** Returns the live containers of a sandbox, oldest first. */
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
