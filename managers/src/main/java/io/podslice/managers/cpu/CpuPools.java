package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManager.Settings;
import io.podslice.managers.cpu.CpuManagerOptions.Option;

/** Which CPUs can be shared, and which can be given away, when some are held. */
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

    /** The node shared pool. */
    CpuSet shared(CpuSet held) {
        return settings.has(Option.STRICT_CPU_RESERVATION) ? left(held).minus(settings.reserved()) : left(held);
    }

    /**
     * CPUs that can be given away. With full-pcpus-only these are whole cores without any reserved CPU, so that what is
     * taken from them by cores is made of cores.
     */
    CpuSet grantable(CpuSet held) {
        if (!settings.has(Option.FULL_PCPUS_ONLY)) {
            return left(held).minus(settings.reserved());
        }
        CpuSet free = left(held).minus(reservedCores);
        CpuSet broken = settings.topology().wholeCoresOf(free).minus(free);
        return free.minus(settings.topology().wholeCoresOf(broken));
    }

    /** How many of these can be given away: one CPU stays where the node shared pool would be empty without it. */
    int mostOf(CpuSet grantable, CpuSet held) {
        return shared(held).minus(grantable).isEmpty() ? Math.max(0, grantable.size() - 1) : grantable.size();
    }

    /** CPUs that pods could ever have, on an empty node, or that are kept back from them for now. */
    CpuSet total() {
        return settings.topology().all().minus(settings.isolated());
    }
}
