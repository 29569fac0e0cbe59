package io.podslice.simulator.systemd;

import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.cgroups.systemd.UnitProperty.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of units: drop-ins of the administrator in /etc, of transient units in /run/systemd/transient, and of all
 * others in /run/systemd/system.control. Drop-ins of all folders are read in the order of their names.
 */
final class UnitFiles {
    /** One assignment in a drop-in; in systemd's own drop-ins an empty one stands before it, which resets a list. */
    private record Assignment(String name, Value value, boolean resets) {}

    private final Map<String, SortedMap<String, List<Assignment>>> administrator = new HashMap<>();
    private final Map<String, SortedMap<String, List<Assignment>>> transients = new HashMap<>();
    private final Map<String, SortedMap<String, List<Assignment>>> control = new HashMap<>();

    /**
     * Writes a drop-in of the administrator.
     *
     * @param folder e.g. {@code kubepods-.slice.d}
     * @param file e.g. {@code 10-podslice.conf}
     */
    void install(String folder, String file, List<UnitProperty> properties) {
        List<Assignment> assignments = new ArrayList<>();
        properties.forEach(one -> assignments.add(new Assignment(one.name(), one.value(), false)));
        administrator.computeIfAbsent(folder, key -> new TreeMap<>()).put(file, assignments);
    }

    void uninstall(String folder, String file) {
        administrator.getOrDefault(folder, new TreeMap<>()).remove(file);
    }

    /**
     * Writes systemd's own drop-in of one property.
     *
     * @param transientUnit true where the unit is a transient one that is there
     */
    void keep(UnitName unit, boolean transientUnit, String name, Value value) {
        Map<String, SortedMap<String, List<Assignment>>> folder = transientUnit ? transients : control;
        folder.computeIfAbsent(unit.value(), key -> new TreeMap<>())
                .put("50-" + name + ".conf", List.of(new Assignment(name, value, true)));
    }

    /** Removes the drop-ins that systemd has written for the unit, as RevertUnitFiles does. */
    void revert(UnitName unit) {
        transients.remove(unit.value());
        control.remove(unit.value());
    }

    /** Removes the files of a transient unit that is gone. */
    void forgetTransient(UnitName unit) {
        transients.remove(unit.value());
    }

    /** Tells if systemd has written a drop-in for the unit. */
    boolean hasDropIns(UnitName unit) {
        return transients.containsKey(unit.value()) || control.containsKey(unit.value());
    }

    /** Returns the settings with those of the unit's drop-ins on top. */
    Settings dropInsOver(Settings base, UnitName unit) {
        SortedMap<String, List<Assignment>> files = new TreeMap<>();
        for (String folder : folders(unit.value())) {
            files.putAll(administrator.getOrDefault(folder, new TreeMap<>()));
        }
        files.putAll(transients.getOrDefault(unit.value(), new TreeMap<>()));
        files.putAll(control.getOrDefault(unit.value(), new TreeMap<>()));
        Settings settings = base;
        for (List<Assignment> file : files.values()) {
            for (Assignment one : file) {
                settings = one.resets()
                        ? settings.with(one.name(), one.value())
                        : settings.united(one.name(), one.value());
            }
        }
        return settings;
    }

    /** Returns the folders of the administrator's drop-ins for the unit: of its type, of its prefixes, its own. */
    private static List<String> folders(String unit) {
        String type = unit.substring(unit.lastIndexOf('.'));
        List<String> folders = new ArrayList<>();
        folders.add(type.substring(1) + ".d");
        for (int dash = unit.indexOf('-'); dash > 0; dash = unit.indexOf('-', dash + 1)) {
            folders.add(unit.substring(0, dash + 1) + type + ".d");
        }
        folders.add(unit + ".d");
        return folders;
    }
}
