/** Makes parts of the chart from podslice's own code. */
@NullMarked
package io.podslice.deploy.chart;

import org.jspecify.annotations.NullMarked;
