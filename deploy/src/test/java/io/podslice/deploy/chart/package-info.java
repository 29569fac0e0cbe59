@NullMarked
package io.podslice.deploy.chart;

import org.jspecify.annotations.NullMarked;
