/** Puts podslice on a node as a service, upgrades it, and takes it off again; works from within a container too. */
@NullMarked
package io.podslice.agent.install;

import org.jspecify.annotations.NullMarked;
