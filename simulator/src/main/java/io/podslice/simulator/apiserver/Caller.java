package io.podslice.simulator.apiserver;

/** The identity of a client, as the API server has authenticated it. */
sealed interface Caller {
    /** A kubelet, by its client certificate: it may see and change the pods of its own node alone. */
    record Kubelet(String node) implements Caller {}

    /** A service account, by its token: it may see all pods. */
    record ServiceAccount() implements Caller {}

    /** A client without valid credentials. */
    record Unknown() implements Caller {}
}
