/**
 * Tests of the shim's tap by peers that know HTTP/2 to the letter: they use everything that it allows, check that all
 * that reaches them is allowed, and compare what arrives with what was sent.
 */
@NullMarked
package io.podslice.integration.fuzz;

import org.jspecify.annotations.NullMarked;
