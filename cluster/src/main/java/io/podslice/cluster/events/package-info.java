/**
 * Events on pods, as {@code events.k8s.io/v1} has them: incidents of the node, repeats of which become a series of one event,
 * written through the API server by one thread. {@link io.podslice.cluster.events.EventBook} decides what is written and
 * when, and {@link io.podslice.cluster.events.PodEvents} writes it.
 */
@NullMarked
package io.podslice.cluster.events;

import org.jspecify.annotations.NullMarked;
