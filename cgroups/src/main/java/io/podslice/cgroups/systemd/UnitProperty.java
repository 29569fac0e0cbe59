package io.podslice.cgroups.systemd;

import io.podslice.cgroups.CpuSet;
import java.util.List;

/**
 * A property of a unit, as D-Bus has it, and its value: systemd.resource-control(5) has those that are cgroup files.
 *
 * @param name e.g. {@code CPUWeight}
 */
public record UnitProperty(String name, Value value) {
    /** {@code cpu.weight}, 1 to 10000; 0 is {@code cpu.idle} (systemd 252). */
    public static final String CPU_WEIGHT = "CPUWeight";
    /** CPU time in microseconds for each second of the clock; {@link #INFINITY} for no limit. */
    public static final String CPU_QUOTA_PER_SEC = "CPUQuotaPerSecUSec";
    /** Length of the period of {@code cpu.max} in microseconds (systemd 242); {@link #INFINITY} for the default. */
    public static final String CPU_QUOTA_PERIOD = "CPUQuotaPeriodUSec";
    /** {@code cpuset.cpus} (systemd 244). */
    public static final String ALLOWED_CPUS = "AllowedCPUs";
    /** {@code cpuset.mems} (systemd 244). */
    public static final String ALLOWED_MEMORY_NODES = "AllowedMemoryNodes";
    /** {@code memory.min} in bytes (systemd 240). */
    public static final String MEMORY_MIN = "MemoryMin";
    /** {@code memory.low} in bytes. */
    public static final String MEMORY_LOW = "MemoryLow";
    /** {@code memory.high} in bytes; {@link #INFINITY} for no limit. */
    public static final String MEMORY_HIGH = "MemoryHigh";
    /** {@code memory.max} in bytes; {@link #INFINITY} for no limit. */
    public static final String MEMORY_MAX = "MemoryMax";
    /** {@code memory.swap.max} in bytes; {@link #INFINITY} for no limit. */
    public static final String MEMORY_SWAP_MAX = "MemorySwapMax";
    /** {@code memory.zswap.max} in bytes (systemd 253); {@link #INFINITY} for no limit. */
    public static final String MEMORY_ZSWAP_MAX = "MemoryZSwapMax";
    /** {@code pids.max}; {@link #INFINITY} for no limit. */
    public static final String TASKS_MAX = "TasksMax";

    /** The number that stands for no limit or no value: 2^64-1, as the unsigned number of D-Bus. */
    public static final long INFINITY = -1;

    /** A property's value; records compare by value. */
    public sealed interface Value {
        /**
         * D-Bus type {@code t}.
         *
         * @param unsigned all 64 bits count: -1 is 2^64-1
         */
        record Amount(long unsigned) implements Value {
            @Override
            public String toString() {
                return unsigned == INFINITY ? "infinity" : Long.toUnsignedString(unsigned);
            }
        }

        /** D-Bus type {@code ay}: a mask of CPUs or NUMA nodes, byte 0 has 0 to 7, the lowest bit first. */
        record Mask(CpuSet members) implements Value {
            @Override
            public String toString() {
                return members.toString();
            }
        }

        /** D-Bus type {@code b}. */
        record Flag(boolean on) implements Value {
            @Override
            public String toString() {
                return Boolean.toString(on);
            }
        }

        /** D-Bus type {@code s}. */
        record Text(String text) implements Value {
            @Override
            public String toString() {
                return text;
            }
        }

        /** D-Bus type {@code as}. */
        record Names(List<String> names) implements Value {
            public Names {
                names = List.copyOf(names);
            }

            @Override
            public String toString() {
                return String.join(" ", names);
            }
        }
    }

    /** A property with an unsigned number; {@link #INFINITY} for no limit. */
    public static UnitProperty number(String name, long unsigned) {
        return new UnitProperty(name, new Value.Amount(unsigned));
    }

    /** A property with a set of CPUs or NUMA nodes. */
    public static UnitProperty mask(String name, CpuSet members) {
        return new UnitProperty(name, new Value.Mask(members));
    }

    /** A property that is on or off. */
    public static UnitProperty flag(String name, boolean on) {
        return new UnitProperty(name, new Value.Flag(on));
    }

    /** A property with a text. */
    public static UnitProperty text(String name, String text) {
        return new UnitProperty(name, new Value.Text(text));
    }

    /** A property with a list of units. */
    public static UnitProperty names(String name, List<String> names) {
        return new UnitProperty(name, new Value.Names(names));
    }

    /** Returns name and value as {@code systemctl show} has them, numbers in their base unit. */
    @Override
    public String toString() {
        return name + "=" + value;
    }
}
