package io.podslice.shim.runtime;

import io.podslice.grpc.UnixSocket;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RuntimeContents;
import java.io.IOException;
import java.util.List;

/** The pods that a runtime runs, each as its kubelet asked for it. */
public final class RuntimePods {
    private final RuntimeLists lists;

    /** @param runtime the runtime's own socket */
    public RuntimePods(UnixSocket runtime) {
        this.lists = new RuntimeLists(runtime);
    }

    /**
     * Asks for the pods whose sandboxes are ready, the oldest first; two calls, and one more for each pod, of at most 10 s.
     *
     * @throws IOException if the runtime cannot be asked
     */
    public List<PodSandboxRequest> ready() throws IOException {
        return lists.ready().stream().map(RuntimeContents.Sandbox::pod).toList();
    }
}
