@NullMarked
package io.podslice.integration.agent;

import org.jspecify.annotations.NullMarked;
