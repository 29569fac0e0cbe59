@NullMarked
package io.podslice.integration.demo;

import org.jspecify.annotations.NullMarked;
