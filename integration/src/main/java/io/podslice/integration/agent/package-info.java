/** The agent's values where they meet the simulated node's: its configuration, and Pod manifests. */
@NullMarked
package io.podslice.integration.agent;

import org.jspecify.annotations.NullMarked;
