/** What of the chart is made from podslice's own code. */
@NullMarked
package io.podslice.deploy.chart;

import org.jspecify.annotations.NullMarked;
