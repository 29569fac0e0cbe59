@NullMarked
package io.podslice.simulator.apiserver;

import org.jspecify.annotations.NullMarked;
