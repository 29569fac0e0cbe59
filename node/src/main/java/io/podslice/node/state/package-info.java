/** What the brain remembers: every pod and container that podslice has a hand in, and the file that keeps it. */
@NullMarked
package io.podslice.node.state;

import org.jspecify.annotations.NullMarked;
