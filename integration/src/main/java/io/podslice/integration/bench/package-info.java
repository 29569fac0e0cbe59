/**
 * What podslice costs: a load generator, a fake runtime in a process of its own, and the program under test between
 * them, measured against the same calls without it.
 */
@NullMarked
package io.podslice.integration.bench;

import org.jspecify.annotations.NullMarked;
