/** The node that a command looks at: its files, below a root folder, and its processes. */
@NullMarked
package io.podslice.agent.host;

import org.jspecify.annotations.NullMarked;
