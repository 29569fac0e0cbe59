/** Tests across modules: the order of modules and packages. */
@NullMarked
package io.podslice.integration;

import org.jspecify.annotations.NullMarked;
