/**
 * Nodes whose cgroups are systemd's units: names, the manager's methods over D-Bus, and the writer of cgroup files that
 * tells systemd of each value it keeps.
 */
@NullMarked
package io.podslice.cgroups.systemd;

import org.jspecify.annotations.NullMarked;
