/** Access to the kernel: CPU sets, cgroup v2 files, and plans of ordered, reversible writes to them. */
@NullMarked
package io.podslice.cgroups;

import org.jspecify.annotations.NullMarked;
