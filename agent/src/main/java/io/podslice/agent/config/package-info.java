/** The configuration file: its model, its reader, and the messages for its mistakes. */
@NullMarked
package io.podslice.agent.config;

import org.jspecify.annotations.NullMarked;
