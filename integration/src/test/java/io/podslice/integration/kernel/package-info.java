@NullMarked
package io.podslice.integration.kernel;

import org.jspecify.annotations.NullMarked;
