/** What Prometheus sees of a scripted day on a simulated node, and what is drawn from it and warned of. */
@NullMarked
package io.podslice.integration.metrics;

import org.jspecify.annotations.NullMarked;
