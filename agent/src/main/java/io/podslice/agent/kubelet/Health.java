package io.podslice.agent.kubelet;

import java.util.Optional;

/** The soundness of a node after its kubelet was restarted. */
public interface Health {
    /**
     * Looks once.
     *
     * @param endpoint the endpoint that the running kubelet must have
     * @return what is wrong, in one line; empty if the kubelet runs with the endpoint, the runtime answers behind it, and the
     *     kubelet says that it is healthy
     */
    Optional<String> problem(String endpoint);
}
