/** The node's kubelet: which settings it runs with, where they are made, and how its endpoint is changed and put back. */
@NullMarked
package io.podslice.agent.kubelet;

import org.jspecify.annotations.NullMarked;
