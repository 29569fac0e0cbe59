/**
 * The benchmarks: a load generator, a fake runtime in a process of its own, and the program under test between
 * them, measured against equal calls without that program.
 */
@NullMarked
package io.podslice.integration.bench;

import org.jspecify.annotations.NullMarked;
