package io.podslice.simulator.systemd;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A slice or scope that is active, with what systemd remembers of its cgroup. Guarded by {@link SimulatedSystemd}. */
final class SimulatedUnit {
    final UnitName name;
    final @Nullable SimulatedUnit slice;
    final CgroupPath path;
    final boolean isScope;
    final boolean isTransient;
    final Map<String, SimulatedUnit> members = new TreeMap<>();

    /** The settings of StartTransientUnit, as the unit's own file has them. */
    final Settings file;

    Settings settings;

    /** True once its cgroup was made and written. */
    boolean realized;

    /** True until its attributes are written after a change. */
    boolean invalidated;

    /** The controllers that systemd has enabled for its members, as it remembers. */
    Set<ManagedController> enabled = EnumSet.noneOf(ManagedController.class);

    SimulatedUnit(UnitName name, SimulatedUnit slice, boolean isTransient, Settings file, Settings settings) {
        this.name = name;
        this.slice = slice;
        this.path = slice.path.child(name.value());
        this.isScope = !name.isSlice();
        this.isTransient = isTransient;
        this.file = file;
        this.settings = settings;
    }

    /** The root slice. */
    SimulatedUnit() {
        this.name = UnitName.ROOT_SLICE;
        this.slice = null;
        this.path = CgroupPath.ROOT;
        this.isScope = false;
        this.isTransient = false;
        this.file = Settings.NONE;
        this.settings = Settings.NONE;
    }

    /** Returns the slice that the unit is in; the root slice is in none. */
    SimulatedUnit slice() {
        if (slice == null) {
            throw new IllegalStateException("the root slice is in no slice");
        }
        return slice;
    }

    /** Tells if what is below it is another program's: true for a scope with Delegate=yes; slices cannot be delegated. */
    boolean isDelegated() {
        return isScope && settings.flag("Delegate");
    }

    /**
     * Returns the controllers that the unit needs for itself. Memory and pids are accounted for every unit by default;
     * accounting of CPU time needs no controller.
     */
    private Set<ManagedController> own() {
        if (isDelegated()) {
            return EnumSet.allOf(ManagedController.class);
        }
        Set<ManagedController> own = EnumSet.of(ManagedController.MEMORY, ManagedController.PIDS);
        if (settings.has(UnitProperty.CPU_WEIGHT) || settings.has(UnitProperty.CPU_QUOTA_PER_SEC)) {
            own.add(ManagedController.CPU);
        }
        if (settings.has(UnitProperty.ALLOWED_CPUS)
                || settings.has(UnitProperty.ALLOWED_MEMORY_NODES)
                || settings.has("CPUSetPartition")) {
            own.add(ManagedController.CPUSET);
        }
        if (settings.flag("IOAccounting") || settings.has("IOWeight")) {
            own.add(ManagedController.IO);
        }
        return own;
    }

    /** Returns the controllers that its members need: those that its cgroup must enable for its children. */
    Set<ManagedController> enable() {
        Set<ManagedController> needed = EnumSet.noneOf(ManagedController.class);
        for (SimulatedUnit member : members.values()) {
            needed.addAll(member.own());
            needed.addAll(member.enable());
        }
        return needed;
    }

    /** Returns the controllers whose attributes it has: those that it, its members or its siblings need. */
    Set<ManagedController> target() {
        Set<ManagedController> needed = enable();
        if (slice == null) {
            return needed;
        }
        needed.addAll(own());
        needed.addAll(slice.enable());
        return needed;
    }
}
