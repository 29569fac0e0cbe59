/** Cases taken from the kubelet's own tests and code, and their readers. */
@NullMarked
package io.podslice.managers.vectors;

import org.jspecify.annotations.NullMarked;
