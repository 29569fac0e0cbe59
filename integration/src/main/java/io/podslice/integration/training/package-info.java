/** Work for the training run of the ahead-of-time cache. */
@NullMarked
package io.podslice.integration.training;

import org.jspecify.annotations.NullMarked;
