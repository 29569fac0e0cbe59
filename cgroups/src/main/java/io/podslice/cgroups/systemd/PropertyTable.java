package io.podslice.cgroups.systemd;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.CpuSet;
import java.util.List;

/**
 * Files of a cgroup that systemd keeps as properties of its unit, and the properties for a value
 * (systemd.resource-control(5)). Of the files that podslice writes, those of huge pages, bursts and partitions have no
 * property; {@code io.max} has, with a device's path in place of its number, and is written by file.
 */
final class PropertyTable {
    /**
     * Quotas are rounded up to whole per cents of a CPU, on every version, as by libcontainer: the kubelet and runc write the
     * same. Versions before 257 keep no finer ones over a reload, and cut off: the pod would have less than it was granted.
     */
    static final long QUOTA_STEP_MICROS = 10_000;

    /** The kernel's and systemd's. */
    private static final long DEFAULT_WEIGHT = 100;

    private PropertyTable() {}

    /**
     * Returns the properties that make systemd write the value to the file; none if that version has none for it, or the
     * value cannot be understood: then the file must be written, for the kernel to report its errors.
     *
     * @param present the file's present text, which supplies whatever the value leaves unchanged
     * @param version systemd's
     */
    static List<UnitProperty> of(String file, String value, String present, int version) {
        try {
            return switch (file) {
                case CgroupFile.CPUSET_CPUS -> mask(UnitProperty.ALLOWED_CPUS, value, version);
                case CgroupFile.CPUSET_MEMS -> mask(UnitProperty.ALLOWED_MEMORY_NODES, value, version);
                case CgroupFile.CPU_MAX ->
                    quota(CpuMax.parse(value, CpuMax.parse(present).periodMicros()), version);
                case CgroupFile.CPU_WEIGHT -> weight(number(value));
                case CgroupFile.CPU_IDLE -> idle(value.strip(), present.strip(), version);
                case CgroupFile.MEMORY_MIN -> version >= 240 ? bytes(UnitProperty.MEMORY_MIN, value) : List.of();
                case CgroupFile.MEMORY_LOW -> bytes(UnitProperty.MEMORY_LOW, value);
                case CgroupFile.MEMORY_HIGH -> bytes(UnitProperty.MEMORY_HIGH, value);
                case CgroupFile.MEMORY_MAX -> limit(UnitProperty.MEMORY_MAX, value);
                case "memory.swap.max" -> bytes(UnitProperty.MEMORY_SWAP_MAX, value);
                case "memory.zswap.max" -> version >= 253 ? bytes(UnitProperty.MEMORY_ZSWAP_MAX, value) : List.of();
                case "pids.max" -> tasks(value.strip());
                default -> List.of();
            };
        } catch (IllegalArgumentException | ArithmeticException e) {
            return List.of();
        }
    }

    /** Tells if some version of systemd keeps the file as a property. */
    static boolean has(String file) {
        return switch (file) {
            case CgroupFile.CPUSET_CPUS,
                    CgroupFile.CPUSET_MEMS,
                    CgroupFile.CPU_MAX,
                    CgroupFile.CPU_WEIGHT,
                    CgroupFile.CPU_IDLE,
                    CgroupFile.MEMORY_MIN,
                    CgroupFile.MEMORY_LOW,
                    CgroupFile.MEMORY_HIGH,
                    CgroupFile.MEMORY_MAX,
                    "memory.swap.max",
                    "memory.zswap.max",
                    "pids.max" -> true;
            default -> false;
        };
    }

    private static List<UnitProperty> mask(String name, String value, int version) {
        CpuSet members = CpuSet.parse(value);
        return members.isEmpty() || version < 244 ? List.of() : List.of(UnitProperty.mask(name, members));
    }

    private static List<UnitProperty> quota(CpuMax max, int version) {
        UnitProperty quota = UnitProperty.number(
                UnitProperty.CPU_QUOTA_PER_SEC, max.isLimited() ? perSecond(max) : UnitProperty.INFINITY);
        return version < 242
                ? List.of(quota)
                : List.of(quota, UnitProperty.number(UnitProperty.CPU_QUOTA_PERIOD, max.periodMicros()));
    }

    private static long perSecond(CpuMax max) {
        return Math.multiplyExact(Math.ceilDiv(max.microsPerSecond(), QUOTA_STEP_MICROS), QUOTA_STEP_MICROS);
    }

    private static List<UnitProperty> weight(long weight) {
        return weight >= 1 && weight <= 10_000
                ? List.of(UnitProperty.number(UnitProperty.CPU_WEIGHT, weight))
                : List.of();
    }

    /**
     * An idle cgroup has weight 0; one that is idle no more has the default weight again, as with the kernel. It is named,
     * since without any weight systemd sees no need for the controller and disables it.
     */
    private static List<UnitProperty> idle(String value, String present, int version) {
        if (version < 252 || value.equals(present)) {
            return List.of();
        }
        return switch (value) {
            case "1" -> List.of(UnitProperty.number(UnitProperty.CPU_WEIGHT, 0));
            case "0" -> List.of(UnitProperty.number(UnitProperty.CPU_WEIGHT, DEFAULT_WEIGHT));
            default -> List.of();
        };
    }

    private static List<UnitProperty> bytes(String name, String value) {
        ByteLimit limit = ByteLimit.parse(value);
        return List.of(UnitProperty.number(name, limit.isLimited() ? limit.bytes() : UnitProperty.INFINITY));
    }

    /** A limit below one page would be written as 0, and no process could be started; systemd takes none of 0. */
    private static List<UnitProperty> limit(String name, String value) {
        ByteLimit limit = ByteLimit.parse(value);
        return limit.bytes() == 0 ? List.of() : bytes(name, value);
    }

    private static List<UnitProperty> tasks(String value) {
        if (value.equals("max")) {
            return List.of(UnitProperty.number(UnitProperty.TASKS_MAX, UnitProperty.INFINITY));
        }
        long most = number(value);
        return most >= 1 ? List.of(UnitProperty.number(UnitProperty.TASKS_MAX, most)) : List.of();
    }

    private static long number(String value) {
        return Long.parseLong(value.strip());
    }
}
