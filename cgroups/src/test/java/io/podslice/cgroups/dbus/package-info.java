@NullMarked
package io.podslice.cgroups.dbus;

import org.jspecify.annotations.NullMarked;
