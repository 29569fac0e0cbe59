package io.podslice.simulator.systemd;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.Errno;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Brings the cgroups of units to what systemd thinks that they must be, by the rules of its cgroup.c: controllers are
 * enabled from the root down and disabled from the leaves up, and a unit whose controllers change has all its attributes
 * written. A controller that another program has enabled is unknown to systemd, and goes when it next writes that
 * cgroup.
 */
final class Realizer {
    /** The lines that systemd's own log keeps here. */
    private static final int LOG_LINES = 64;

    private final CgroupFiles files;
    private final SystemdRelease release;
    private final Deque<String> log = new ArrayDeque<>();

    Realizer(CgroupFiles files, SystemdRelease release) {
        this.files = files;
        this.release = release;
    }

    /** Returns the newest lines of systemd's log, the oldest first. */
    List<String> log() {
        return List.copyOf(log);
    }

    /** Writes a unit that is new or has changed, and whatever of its family that touches. */
    void realize(SimulatedUnit unit) {
        if (unit.slice != null) {
            now(unit);
            family(unit.slice);
        } else {
            now(unit);
        }
    }

    /**
     * Writes the members of a slice and of all slices above, and these slices, as far as their controllers have
     * changed.
     */
    void family(SimulatedUnit slice) {
        Set<SimulatedUnit> queue = new LinkedHashSet<>();
        for (SimulatedUnit at = slice; at != null; at = at.slice) {
            at.members.values().stream().filter(member -> member.realized).forEach(queue::add);
            queue.add(at);
        }
        queue.forEach(this::now);
    }

    /** Writes every unit, as at a reload. */
    void all(SimulatedUnit unit) {
        unit.invalidated = true;
        now(unit);
        unit.members.values().forEach(this::all);
    }

    private void now(SimulatedUnit unit) {
        Set<ManagedController> enable = unit.enable();
        if (unit.realized && !unit.invalidated && unit.enabled.equals(enable)) {
            return;
        }
        disableBelow(unit);
        if (unit.slice != null) {
            enableAbove(unit.slice);
        }
        update(unit, unit.target(), enable);
        unit.invalidated = false;
    }

    private void disableBelow(SimulatedUnit unit) {
        for (SimulatedUnit member : unit.members.values()) {
            if (!member.realized) {
                continue;
            }
            disableBelow(member);
            if (!member.enable().containsAll(member.enabled)) {
                Set<ManagedController> left = EnumSet.copyOf(member.enabled);
                left.retainAll(member.enable());
                update(member, member.target(), left);
            }
        }
    }

    private void enableAbove(SimulatedUnit unit) {
        if (unit.slice != null) {
            enableAbove(unit.slice);
        }
        Set<ManagedController> enable = unit.enable();
        if (!unit.realized || !unit.enabled.containsAll(enable)) {
            enable.addAll(unit.enabled);
            update(unit, unit.target(), enable);
        }
    }

    private void update(SimulatedUnit unit, Set<ManagedController> target, Set<ManagedController> enable) {
        boolean made = make(unit);
        if (made || !unit.realized || !unit.isDelegated()) {
            unit.enabled = enabled(unit, enable);
        }
        unit.realized = true;
        for (Attributes.Write write : Attributes.of(unit, target, release)) {
            write(unit, write.file(), write.value());
        }
    }

    private boolean make(SimulatedUnit unit) {
        try {
            files.create(unit.path);
            return true;
        } catch (CgroupException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            return false;
        }
    }

    /** Enables these controllers for the unit's members and disables the others; returns those that are on then. */
    private Set<ManagedController> enabled(SimulatedUnit unit, Set<ManagedController> enable) {
        List<String> present = List.of(
                files.read(unit.path, CgroupFile.SUBTREE_CONTROL).strip().split(" "));
        Set<ManagedController> on = EnumSet.noneOf(ManagedController.class);
        for (ManagedController controller : ManagedController.values()) {
            boolean wanted = enable.contains(controller);
            boolean is = present.contains(controller.text());
            if (wanted == is || write(unit, CgroupFile.SUBTREE_CONTROL, (wanted ? "+" : "-") + controller.text())) {
                is = wanted;
            }
            if (is) {
                on.add(controller);
            }
        }
        return on;
    }

    /** Writes one file; a refusal is logged, and otherwise ignored. */
    private boolean write(SimulatedUnit unit, String file, String value) {
        if (!files.hasFile(unit.path, file)) {
            return false;
        }
        try {
            files.write(unit.path, file, value);
            return true;
        } catch (CgroupException e) {
            if (log.size() == LOG_LINES) {
                log.removeFirst();
            }
            log.addLast("Failed to set '" + file + "' attribute on '" + unit.path + "' to '" + value + "': "
                    + e.errno().text());
            return false;
        }
    }
}
