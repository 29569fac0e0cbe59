/** The CPU manager: which CPUs a pod and its containers get. Values in, values out. */
@NullMarked
package io.podslice.managers.cpu;

import org.jspecify.annotations.NullMarked;
