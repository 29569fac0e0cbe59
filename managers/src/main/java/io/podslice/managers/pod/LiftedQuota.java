package io.podslice.managers.pod;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CpuMax;
import java.util.Map;
import java.util.TreeMap;

/**
 * The CFS quota of a container with exclusive CPUs: its cgroup has none, and the runtime's record keeps the sender's, since
 * the kubelet reads a container's CPU limit back from there (ContainerStatus). Runtimes write {@code unified} values after
 * the quota (runc's {@code fs2.Manager.Set}, crun), so that {@code cpu.max} there is what the kernel gets; they repeat it
 * with each later update.
 */
public final class LiftedQuota {
    private LiftedQuota() {}

    /**
     * Returns a container's resources with no quota in force.
     *
     * @param defaultPeriodMicros the CFS period in microseconds where the resources name none
     */
    public static LinuxResources lifted(LinuxResources resources, long defaultPeriodMicros) {
        if (resources.cpuQuotaMicros() < 0) {
            return resources;
        }
        long period = resources.cpuPeriodMicros() > 0 ? resources.cpuPeriodMicros() : defaultPeriodMicros;
        Map<String, String> unified = new TreeMap<>(resources.unified());
        unified.put(CgroupFile.CPU_MAX, new CpuMax(CpuMax.NO_QUOTA, period).toString());
        return resources.withUnified(unified);
    }

    /**
     * Returns decided resources without the lifting of the quota, of which the runtime was told when the container was
     * made: NRI shows no {@code unified} values, so that it would be told again whenever it asks.
     *
     * @param shown the resources that the runtime shows
     */
    public static LinuxResources asTold(LinuxResources decided, LinuxResources shown) {
        if (shown.unified().containsKey(CgroupFile.CPU_MAX)
                || !decided.unified().containsKey(CgroupFile.CPU_MAX)) {
            return decided;
        }
        Map<String, String> unified = new TreeMap<>(decided.unified());
        unified.remove(CgroupFile.CPU_MAX);
        return decided.withUnified(unified);
    }

    /** Tells if resources that a runtime has stored, or is to get, put no quota in force though they may name one. */
    public static boolean isLifted(LinuxResources resources) {
        return resources.cpuQuotaMicros() < 0
                || resources.unified().getOrDefault(CgroupFile.CPU_MAX, "").startsWith("max");
    }

    /** Returns the quota that resources put in force, in microseconds; -1 for a lifted one, 0 for none named. */
    public static long quotaInForce(LinuxResources resources) {
        return isLifted(resources) ? CpuMax.NO_QUOTA : resources.cpuQuotaMicros();
    }
}
