package io.podslice.simulator.systemd;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.cgroups.systemd.UnitProperty.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The attributes that systemd writes for a unit, all of them each time, in its order. */
final class Attributes {
    /** DefaultTasksMax of scopes: 15% of 32768 tasks. */
    private static final long SCOPE_TASKS = 4915;

    private static final long SECOND_MICROS = 1_000_000;

    /** A value to be written to a file. */
    record Write(String file, String value) {}

    private final List<Write> writes = new ArrayList<>();
    private final SimulatedUnit unit;

    private Attributes(SimulatedUnit unit) {
        this.unit = unit;
    }

    /**
     * Returns the writes for the controllers given: each attribute's property, or the default where none is set. The
     * root has no attributes.
     */
    static List<Write> of(SimulatedUnit unit, Set<ManagedController> controllers, SystemdRelease release) {
        if (unit.slice == null) {
            return List.of();
        }
        Attributes attributes = new Attributes(unit);
        if (controllers.contains(ManagedController.CPU)) {
            attributes.cpu();
        }
        if (controllers.contains(ManagedController.CPUSET)) {
            attributes.cpuset();
        }
        if (controllers.contains(ManagedController.IO)) {
            attributes.add("io.weight", "default " + unit.settings.number("IOWeight", 100));
        }
        if (controllers.contains(ManagedController.MEMORY)) {
            attributes.memory(release);
        }
        if (controllers.contains(ManagedController.PIDS)) {
            attributes.add(
                    "pids.max",
                    limit(unit.settings.number(
                            UnitProperty.TASKS_MAX, unit.isScope ? SCOPE_TASKS : UnitProperty.INFINITY)));
        }
        return attributes.writes;
    }

    private void add(String file, String value) {
        writes.add(new Write(file, value));
    }

    /** A weight of 0 means "idle": the kernel has a weight of its own for that. */
    private void cpu() {
        long weight = unit.settings.number(UnitProperty.CPU_WEIGHT, 100);
        add(CgroupFile.CPU_IDLE, weight == 0 ? "1" : "0");
        if (weight != 0) {
            add(CgroupFile.CPU_WEIGHT, Long.toString(weight));
        }
        long period = unit.settings.number(UnitProperty.CPU_QUOTA_PERIOD, CpuMax.DEFAULT_PERIOD_MICROS);
        if (unit.settings.has(UnitProperty.CPU_QUOTA_PER_SEC)) {
            long quota = unit.settings.number(UnitProperty.CPU_QUOTA_PER_SEC, 0);
            long longer = periodOf(quota, period);
            long inPeriod = Math.min(quota, Long.MAX_VALUE / longer) * longer / SECOND_MICROS;
            add(CgroupFile.CPU_MAX, Math.max(CpuMax.MIN_MICROS, inPeriod) + " " + longer);
        } else {
            add(CgroupFile.CPU_MAX, "max " + Math.clamp(period, CpuMax.MIN_MICROS, CpuMax.MAX_PERIOD_MICROS));
        }
    }

    /** Returns a period long enough for the quota in it to be 1 ms at least. */
    private static long periodOf(long quotaPerSecond, long period) {
        long least = CpuMax.MIN_MICROS * SECOND_MICROS / quotaPerSecond;
        return Math.min(Math.max(period, Math.max(least, CpuMax.MIN_MICROS)), CpuMax.MAX_PERIOD_MICROS);
    }

    /** An empty set is written too; the kernel refuses it where processes live below. */
    private void cpuset() {
        CpuSet cpus = unit.settings.mask(UnitProperty.ALLOWED_CPUS);
        CpuSet nodes = unit.settings.mask(UnitProperty.ALLOWED_MEMORY_NODES);
        add(CgroupFile.CPUSET_CPUS, cpus.toString());
        add(CgroupFile.CPUSET_MEMS, nodes.toString());
        if (unit.settings.values().get("CPUSetPartition") instanceof Value.Text(String text)) {
            add(CgroupFile.CPUSET_CPUS_PARTITION, text);
        }
    }

    private void memory(SystemdRelease release) {
        add(CgroupFile.MEMORY_MIN, limit(unit.settings.number(UnitProperty.MEMORY_MIN, 0)));
        add(CgroupFile.MEMORY_LOW, limit(unit.settings.number(UnitProperty.MEMORY_LOW, 0)));
        add(CgroupFile.MEMORY_HIGH, limit(unit.settings.number(UnitProperty.MEMORY_HIGH, UnitProperty.INFINITY)));
        add(CgroupFile.MEMORY_MAX, limit(unit.settings.number(UnitProperty.MEMORY_MAX, UnitProperty.INFINITY)));
        add("memory.swap.max", limit(unit.settings.number(UnitProperty.MEMORY_SWAP_MAX, UnitProperty.INFINITY)));
        if (release.hasZswap()) {
            add("memory.zswap.max", limit(unit.settings.number(UnitProperty.MEMORY_ZSWAP_MAX, UnitProperty.INFINITY)));
        }
        add(
                "memory.oom.group",
                unit.settings.values().get("OOMPolicy") instanceof Value.Text(String policy) && policy.equals("kill")
                        ? "1"
                        : "0");
    }

    private static String limit(long value) {
        return value == UnitProperty.INFINITY ? "max" : Long.toUnsignedString(value);
    }
}
