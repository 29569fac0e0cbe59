@NullMarked
package io.podslice.cgroups.machine;

import org.jspecify.annotations.NullMarked;
