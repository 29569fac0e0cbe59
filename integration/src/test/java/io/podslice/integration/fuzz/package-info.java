/**
 * Torture of the shim's tap by peers that know HTTP/2 to the letter: they make use of everything it allows, check that
 * whatever reaches them is allowed, and compare what arrives with what was sent.
 */
@NullMarked
package io.podslice.integration.fuzz;

import org.jspecify.annotations.NullMarked;
