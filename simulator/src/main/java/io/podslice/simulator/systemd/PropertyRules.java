package io.podslice.simulator.systemd;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.systemd.SystemdException;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.cgroups.systemd.UnitProperty.Value;
import java.util.List;
import java.util.Set;

/** The properties that a unit has, and the values that systemd takes for them. */
final class PropertyRules {
    private static final Set<String> LIMITS = Set.of(
            UnitProperty.MEMORY_MIN,
            UnitProperty.MEMORY_LOW,
            UnitProperty.MEMORY_SWAP_MAX,
            UnitProperty.CPU_QUOTA_PERIOD);
    private static final Set<String> POSITIVE = Set.of(
            UnitProperty.MEMORY_HIGH, UnitProperty.MEMORY_MAX, UnitProperty.TASKS_MAX, UnitProperty.CPU_QUOTA_PER_SEC);
    private static final Set<String> WEIGHTS = Set.of(UnitProperty.CPU_WEIGHT, "IOWeight");
    private static final Set<String> SETS = Set.of(UnitProperty.ALLOWED_CPUS, UnitProperty.ALLOWED_MEMORY_NODES);
    private static final Set<String> ALWAYS = Set.of(
            "Description", "CPUAccounting", "MemoryAccounting", "IOAccounting", "TasksAccounting", "DevicePolicy");

    /** Properties that a unit has only from its creation on; Delegate is none of a slice. */
    private static final Set<String> AT_CREATION = Set.of("Slice", "Wants", "DefaultDependencies", "OOMPolicy", "PIDs");

    private final SystemdRelease release;

    PropertyRules(SystemdRelease release) {
        this.release = release;
    }

    /**
     * Checks all assignments of a call before any of them counts. A value that the kernel will refuse passes.
     *
     * @param creation true for the assignments of StartTransientUnit
     * @throws SystemdException with systemd's refusal of the first that it does not take
     */
    void check(UnitName unit, List<UnitProperty> properties, boolean creation) {
        for (UnitProperty property : properties) {
            if (!isKnown(property, unit, creation)) {
                throw new SystemdException(
                        SystemdException.PROPERTY_READ_ONLY,
                        "Cannot set property " + property.name() + ", or unknown property.");
            }
            if (property.value() instanceof Value.Amount(long value) && isOutOfRange(property.name(), value)) {
                throw new SystemdException(
                        SystemdException.INVALID_ARGS, "Value specified in " + property.name() + " is out of range");
            }
        }
    }

    private boolean isKnown(UnitProperty property, UnitName unit, boolean creation) {
        String name = property.name();
        return switch (property.value()) {
            case Value.Amount _ ->
                LIMITS.contains(name)
                        || POSITIVE.contains(name)
                        || WEIGHTS.contains(name)
                        || (name.equals(UnitProperty.MEMORY_ZSWAP_MAX) && release.hasZswap());
            case Value.Mask(CpuSet _) -> SETS.contains(name);
            case Value.Flag _, Value.Text _, Value.Names _ ->
                ALWAYS.contains(name)
                        || (name.equals("CPUSetPartition") && release.hasPartitions())
                        || (creation && (AT_CREATION.contains(name) || (!unit.isSlice() && name.equals("Delegate"))));
        };
    }

    private static boolean isOutOfRange(String name, long value) {
        if (value == UnitProperty.INFINITY) {
            return false;
        }
        if (WEIGHTS.contains(name)) {
            boolean idle = value == 0 && name.equals(UnitProperty.CPU_WEIGHT);
            return Long.compareUnsigned(value, 10_000) > 0 || (value == 0 && !idle);
        }
        return value == 0 && POSITIVE.contains(name);
    }
}
