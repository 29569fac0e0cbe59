/** The CPU manager: allocates CPUs to pods and containers. Values in, values out. */
@NullMarked
package io.podslice.managers.cpu;

import org.jspecify.annotations.NullMarked;
