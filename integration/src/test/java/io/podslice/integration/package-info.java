/** Tests of the whole: how the modules lie on one another. */
@NullMarked
package io.podslice.integration;

import org.jspecify.annotations.NullMarked;
