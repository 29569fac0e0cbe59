/** Log messages to standard error, in the form for journald or for people. */
@NullMarked
package io.podslice.agent.log;

import org.jspecify.annotations.NullMarked;
