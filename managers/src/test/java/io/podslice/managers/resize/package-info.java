@NullMarked
package io.podslice.managers.resize;

import org.jspecify.annotations.NullMarked;
