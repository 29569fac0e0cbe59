package io.podslice.simulator.systemd;

import java.util.Locale;

/** A controller of cgroup v2 that systemd enables and disables; hugetlb, rdma, misc and dmem it leaves alone. */
enum ManagedController {
    CPU,
    CPUSET,
    IO,
    MEMORY,
    PIDS;

    /** Returns the name as in {@code cgroup.controllers}. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
