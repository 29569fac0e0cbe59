/** Where log messages go: standard error, as journald or a person reads it. */
@NullMarked
package io.podslice.agent.log;

import org.jspecify.annotations.NullMarked;
