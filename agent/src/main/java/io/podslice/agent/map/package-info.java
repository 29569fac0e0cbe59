/**
 * Maps of a machine: the pod that runs on each CPU. A {@link NodeMap} says what there is to show, {@link Nesting} what lies
 * within what, {@link Layout} where each box lies; the writers only draw boxes.
 */
@NullMarked
package io.podslice.agent.map;

import org.jspecify.annotations.NullMarked;
