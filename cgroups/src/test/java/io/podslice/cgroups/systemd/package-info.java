@NullMarked
package io.podslice.cgroups.systemd;

import org.jspecify.annotations.NullMarked;
