/** Cases that the kubelet's own tests and code give, and how tests read them. */
@NullMarked
package io.podslice.managers.vectors;

import org.jspecify.annotations.NullMarked;
