@NullMarked
package io.podslice.cgroups;

import org.jspecify.annotations.NullMarked;
