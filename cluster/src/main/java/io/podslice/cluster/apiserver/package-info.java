/** The API server as a source of pods' specs: its client, the watch on one node's pods, and lookups. */
@NullMarked
package io.podslice.cluster.apiserver;

import org.jspecify.annotations.NullMarked;
