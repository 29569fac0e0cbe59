/**
 * A cgroup v2 kernel in memory: the files of the cpuset, cpu, memory, hugetlb and pids controllers, answering writes as
 * Linux 6.12 does. The scripts among the tests list the writes that were compared with the real kernel.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html">cgroup-v2</a>
 */
@NullMarked
package io.podslice.simulator.kernel;

import org.jspecify.annotations.NullMarked;
