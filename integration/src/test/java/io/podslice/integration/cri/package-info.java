@NullMarked
package io.podslice.integration.cri;

import org.jspecify.annotations.NullMarked;
