/**
 * Metrics for Prometheus. What happens is counted by {@link io.podslice.agent.metrics.NodeCounters}, as the brain and
 * its doors tell it; the node's figures are read at each scrape by {@link io.podslice.agent.metrics.NodeGauges}. Both are
 * kept and written by Prometheus' own library, of which no class is loaded unless {@code api.metrics} is configured.
 */
@NullMarked
package io.podslice.agent.metrics;

import org.jspecify.annotations.NullMarked;
