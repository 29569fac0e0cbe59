@NullMarked
package io.podslice.simulator.systemd;

import org.jspecify.annotations.NullMarked;
