/** The command line. */
@NullMarked
package io.podslice.agent.cli;

import org.jspecify.annotations.NullMarked;
