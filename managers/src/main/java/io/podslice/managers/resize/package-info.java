/**
 * Resizes in place: what may be asked, what it changes, and in which order it is written (KEP-1287, KEP-5419). Pure.
 */
@NullMarked
package io.podslice.managers.resize;

import org.jspecify.annotations.NullMarked;
