/**
 * Resizes in place: the changes that are allowed, their effect on containers, and the order in which they are written
 * (KEP-1287, KEP-5419). Pure functions.
 */
@NullMarked
package io.podslice.managers.resize;

import org.jspecify.annotations.NullMarked;
