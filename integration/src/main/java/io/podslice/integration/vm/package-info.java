/** Programs that run inside the VM of integration/vm, against a real kernel and a real containerd. */
@NullMarked
package io.podslice.integration.vm;

import org.jspecify.annotations.NullMarked;
