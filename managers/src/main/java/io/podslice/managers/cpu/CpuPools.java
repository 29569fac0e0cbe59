package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManager.Settings;
import io.podslice.managers.cpu.CpuManagerOptions.Option;

/** Computes the CPUs that can be shared, and those that can be allocated, given those that are allocated already. */
final class CpuPools {
    private final Settings settings;
    private final CpuSet reservedCores;

    CpuPools(Settings settings, CpuSet reservedCores) {
        this.settings = settings;
        this.reservedCores = reservedCores;
    }

    private CpuSet left(CpuSet held) {
        return settings.topology().all().minus(settings.isolated()).minus(held);
    }

    /** Returns the node shared pool. */
    CpuSet shared(CpuSet held) {
        return settings.has(Option.STRICT_CPU_RESERVATION) ? left(held).minus(settings.reserved()) : left(held);
    }

    /**
     * Returns the CPUs that can be allocated. With full-pcpus-only these are whole cores without any reserved CPU, so
     * that every allocation by cores leaves whole cores.
     */
    CpuSet grantable(CpuSet held) {
        if (!settings.has(Option.FULL_PCPUS_ONLY)) {
            return left(held).minus(settings.reserved());
        }
        CpuSet free = left(held).minus(reservedCores);
        CpuSet broken = settings.topology().wholeCoresOf(free).minus(free);
        return free.minus(settings.topology().wholeCoresOf(broken));
    }

    /**
     * Returns how many of these CPUs can be allocated: one CPU stays where the node shared pool would be empty without
     * it.
     */
    int mostOf(CpuSet grantable, CpuSet held) {
        return shared(held).minus(grantable).isEmpty() ? Math.max(0, grantable.size() - 1) : grantable.size();
    }

    /** Returns the CPUs that pods could ever have, on an empty node, including those kept back from them for now. */
    CpuSet total() {
        return settings.topology().all().minus(settings.isolated());
    }
}
