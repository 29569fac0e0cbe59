/** A double of the API server, as far as one node's pods go: list, get, watch and the status of pods. */
@NullMarked
package io.podslice.simulator.apiserver;

import org.jspecify.annotations.NullMarked;
