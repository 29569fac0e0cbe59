@NullMarked
package io.podslice.managers.pod;

import org.jspecify.annotations.NullMarked;
