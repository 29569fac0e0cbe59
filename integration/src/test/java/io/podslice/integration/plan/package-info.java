/** What {@code podslice plan} says, compared with a simulated node. */
@NullMarked
package io.podslice.integration.plan;

import org.jspecify.annotations.NullMarked;
