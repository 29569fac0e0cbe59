@NullMarked
package io.podslice.integration.runtime;

import org.jspecify.annotations.NullMarked;
