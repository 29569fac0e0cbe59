/** containerd's configuration: what it says of NRI, and the drop-in that turns NRI on. */
@NullMarked
package io.podslice.agent.containerd;

import org.jspecify.annotations.NullMarked;
