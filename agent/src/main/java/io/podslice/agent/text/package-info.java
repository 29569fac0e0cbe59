/** Text for people: tables and amounts. */
@NullMarked
package io.podslice.agent.text;

import org.jspecify.annotations.NullMarked;
