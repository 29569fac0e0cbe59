package io.podslice.simulator.systemd;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.cgroups.systemd.UnitProperty.Value;
import java.util.HashMap;
import java.util.Map;

/**
 * The properties of a unit that have been set, by name; immutable.
 *
 * @param values a property that was set back to its default is not in here
 */
record Settings(Map<String, Value> values) {
    static final Settings NONE = new Settings(Map.of());

    Settings {
        values = Map.copyOf(values);
    }

    /** Returns these settings after an assignment over D-Bus, which replaces what was set. */
    Settings with(String name, Value value) {
        Map<String, Value> changed = new HashMap<>(values);
        if (isDefault(value)) {
            changed.remove(name);
        } else {
            changed.put(name, value);
        }
        return new Settings(changed);
    }

    private static boolean isDefault(Value value) {
        return switch (value) {
            case Value.Amount(long number) -> number == UnitProperty.INFINITY;
            case Value.Mask(CpuSet set) -> set.isEmpty();
            case Value.Flag _, Value.Text _, Value.Names _ -> false;
        };
    }

    /** Returns these settings after one more assignment in a unit's files, where sets are united. */
    Settings united(String name, Value value) {
        return value instanceof Value.Mask(CpuSet set)
                ? with(name, new Value.Mask(mask(name).union(set)))
                : with(name, value);
    }

    /** Tells if the property has been set, and not back to its default. */
    boolean has(String name) {
        return values.containsKey(name);
    }

    /** Returns the number; the other value where it is not set. */
    long number(String name, long unset) {
        return values.get(name) instanceof Value.Amount(long value) ? value : unset;
    }

    /** Returns the CPUs or memory nodes; none where they are not set. */
    CpuSet mask(String name) {
        return values.get(name) instanceof Value.Mask(CpuSet set) ? set : CpuSet.empty();
    }

    /** Tells if the flag is set to true. */
    boolean flag(String name) {
        return values.get(name) instanceof Value.Flag(boolean on) && on;
    }
}
