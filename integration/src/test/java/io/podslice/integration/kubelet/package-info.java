@NullMarked
package io.podslice.integration.kubelet;

import org.jspecify.annotations.NullMarked;
