/** The page of a simulated node, in a real browser: Debian's Chromium, without a window. */
@NullMarked
package io.podslice.integration.page;

import org.jspecify.annotations.NullMarked;
