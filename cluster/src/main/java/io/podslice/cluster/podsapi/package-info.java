/** The kubelet's Pods API as a source of pods' specs: a lookup for each pod, and a watch that keeps a copy of all. */
@NullMarked
package io.podslice.cluster.podsapi;

import org.jspecify.annotations.NullMarked;
