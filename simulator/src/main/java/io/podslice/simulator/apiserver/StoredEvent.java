package io.podslice.simulator.apiserver;

import io.podslice.proto.core.v1.Pod;

/**
 * A change in the API server's store.
 *
 * @param version the resource version at which it happened, which is the pod's own
 * @param type ADDED, MODIFIED or DELETED
 * @param pod the pod after it; of a deleted one its last state
 */
record StoredEvent(long version, String type, Pod pod) {}
