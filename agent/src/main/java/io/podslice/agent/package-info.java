/** The program: command line, configuration, wiring. */
@NullMarked
package io.podslice.agent;

import org.jspecify.annotations.NullMarked;
