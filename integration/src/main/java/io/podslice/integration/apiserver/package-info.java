/** A real API server, for the tests of suite {@code cluster} that need no node. */
@NullMarked
package io.podslice.integration.apiserver;

import org.jspecify.annotations.NullMarked;
