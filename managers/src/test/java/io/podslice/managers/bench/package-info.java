/** JMH benchmarks of the managers: {@code bin/bench managers}. */
@NullMarked
package io.podslice.managers.bench;

import org.jspecify.annotations.NullMarked;
