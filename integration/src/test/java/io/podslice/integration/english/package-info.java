/** Counts breaches of CONTRIBUTING.md's rules of English. */
@NullMarked
package io.podslice.integration.english;

import org.jspecify.annotations.NullMarked;
