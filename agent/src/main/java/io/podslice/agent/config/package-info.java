/** The configuration file: its model, its reader, and what it says about mistakes. */
@NullMarked
package io.podslice.agent.config;

import org.jspecify.annotations.NullMarked;
