package io.podslice.agent.api;

import io.podslice.cluster.shard.ShardSelector;
import io.podslice.node.NodeView.PodView;
import io.podslice.proto.v1.ShardInfo;
import java.util.Optional;

/**
 * The pods that a caller of the node API wants.
 *
 * @param namespace their namespace; empty for all
 * @param shard their shard; empty for all
 */
record PodFilter(String namespace, Optional<ShardSelector> shard) {
    /** Wants all pods. */
    static final PodFilter ALL = new PodFilter("", Optional.empty());

    /**
     * Reads the fields of a request.
     *
     * @param selector empty for all pods
     */
    static PodFilter of(String namespace, String selector) {
        try {
            return new PodFilter(
                    namespace, selector.isEmpty() ? Optional.empty() : Optional.of(ShardSelector.parse(selector)));
        } catch (IllegalArgumentException e) {
            throw Requests.invalid("shard_selector", selector, String.valueOf(e.getMessage()));
        }
    }

    boolean has(PodView pod) {
        return (namespace.isEmpty() || pod.namespace().equals(namespace))
                && (shard.isEmpty() || shard.get().matches(pod.uid(), pod.namespace()));
    }

    boolean isSharded() {
        return shard.isPresent();
    }

    /** Returns the shard as an answer names it; empty where none is wanted. */
    Optional<ShardInfo> info() {
        return shard.map(one -> ShardInfo.newBuilder().setSelector(one.text()).build());
    }
}
