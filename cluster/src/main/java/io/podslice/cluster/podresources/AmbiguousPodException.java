package io.podslice.cluster.podresources;

import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.io.Serial;

/** Two pods of one namespace and name run, and the kubelet's answer has no uid to tell them apart. */
public final class AmbiguousPodException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    AmbiguousPodException(String namespace, String name) {
        super("two pods run by the name " + Printable.of(namespace + "/" + name)
                + ", and PodResources has no uid to tell which of them has which CPUs; call again once one has ended");
    }
}
