package io.podslice.cgroups.systemd;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.KernelChecks;
import io.podslice.cgroups.NormalForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes a value to a file of a unit's cgroup by the unit's property, and believes it only when the file says so. Where
 * the file says something else the file is written too: systemd answers success for what the kernel has refused, whose
 * error the file then gives. A quota that is rounded as {@link PropertyTable} does is kept.
 */
final class UnitWriter {
    private static final int MOST_KNOWN = 16_384;
    /** Reset by systemd with every call: slices have no property for it, scopes one that is set when they are made. */
    private static final String OOM_GROUP = "memory.oom.group";

    private final CgroupFiles files;
    private final SystemdManager manager;
    /** Units that systemd has said to have; their cgroup tells when they go. */
    private final Set<UnitName> known = ConcurrentHashMap.newKeySet();

    UnitWriter(CgroupFiles files, SystemdManager manager) {
        this.files = files;
        this.manager = manager;
    }

    /**
     * Writes the value.
     *
     * @throws CgroupException with the kernel's error, ENOENT where the cgroup is not there
     * @throws SystemdException if systemd does not answer; the file is then as it was, unless the call takes effect later
     */
    void write(UnitName unit, CgroupPath dir, String file, String value) {
        String before = files.read(dir, file);
        refuseEmptySet(dir, file, value);
        List<UnitProperty> properties = isWeightOfIdle(dir, file)
                ? List.of()
                : keepingController(dir, file, value, PropertyTable.of(file, value, before, manager.version()));
        if (properties.isEmpty() || !isUnit(unit) || !set(unit, dir, properties)) {
            files.write(dir, file, value);
            return;
        }
        if (isKept(unit, dir, file, value)) {
            return;
        }
        try {
            files.write(dir, file, value);
        } catch (CgroupException e) {
            restore(unit, file, before, value, e);
            throw e;
        }
    }

    /**
     * Writes values of a unit with one call of systemd, so that it writes none of its old ones over any of them. The files
     * had these values before, so none is refused for what it is.
     *
     * @throws SystemdException if systemd does not answer
     */
    void writeAll(UnitName unit, CgroupPath dir, Map<String, String> values) {
        List<UnitProperty> properties = new ArrayList<>();
        values.forEach((file, value) -> {
            List<UnitProperty> its = PropertyTable.of(file, value, files.read(dir, file), manager.version());
            properties.addAll(
                    values.containsKey(CgroupFile.CPU_WEIGHT) ? its : keepingController(dir, file, value, its));
        });
        boolean told = !properties.isEmpty() && isUnit(unit) && set(unit, dir, properties);
        values.forEach((file, value) -> {
            if (!told || !isKept(unit, dir, file, value)) {
                files.write(dir, file, value);
            }
        });
    }

    /**
     * Adds the present weight to a quota that is lifted: where neither quota nor weight is set systemd sees no need for
     * the controller and disables it, and the cgroup's files go.
     */
    private List<UnitProperty> keepingController(
            CgroupPath dir, String file, String value, List<UnitProperty> properties) {
        boolean lifted = file.equals(CgroupFile.CPU_MAX) && value.strip().startsWith("max");
        if (properties.isEmpty() || !lifted || KernelChecks.isIdle(files, dir)) {
            return properties;
        }
        List<UnitProperty> both = new ArrayList<>(properties);
        both.addAll(PropertyTable.of(CgroupFile.CPU_WEIGHT, files.read(dir, CgroupFile.CPU_WEIGHT), "", 0));
        return both;
    }

    /**
     * Refuses to empty a set of CPUs or NUMA nodes, with the error that the kernel has for a cgroup with processes:
     * systemd would no longer see a need for the controller and disable it, and with it every set below.
     */
    private static void refuseEmptySet(CgroupPath dir, String file, String value) {
        if (value.isBlank() && file.startsWith("cpuset.")) {
            throw new CgroupException(
                    Errno.ENOSPC, dir + "/" + file, value, "the set of a unit of systemd cannot be emptied");
        }
    }

    /** Tells if the kernel refuses the write, since the cgroup is idle: systemd would take the weight for an order to wake it. */
    private boolean isWeightOfIdle(CgroupPath dir, String file) {
        return file.equals(CgroupFile.CPU_WEIGHT) && KernelChecks.isIdle(files, dir);
    }

    /** Tells if systemd has the unit; a directory can have a unit's name and be made by another process. */
    private boolean isUnit(UnitName unit) {
        if (known.contains(unit)) {
            return true;
        }
        if (!manager.exists(unit)) {
            return false;
        }
        if (known.size() >= MOST_KNOWN) {
            known.clear();
        }
        known.add(unit);
        return true;
    }

    /** Sets the properties; false if systemd does not take them or has no such unit, so that the file must be written. */
    private boolean set(UnitName unit, CgroupPath dir, List<UnitProperty> properties) {
        boolean oomGroup = isOomGroup(dir);
        KeptControllers controllers = KeptControllers.of(files, dir);
        try {
            manager.setProperties(unit, properties);
        } catch (SystemdException e) {
            return switch (e.errorName()) {
                case SystemdException.INVALID_ARGS, SystemdException.PROPERTY_READ_ONLY -> false;
                case SystemdException.NO_SUCH_UNIT -> {
                    known.remove(unit); // the kernel says if its cgroup has gone, too
                    yield false;
                }
                default -> throw e;
            };
        }
        controllers.restore();
        if (oomGroup && !isOomGroup(dir)) {
            files.write(dir, OOM_GROUP, "1");
        }
        return true;
    }

    private boolean isOomGroup(CgroupPath dir) {
        return files.hasFile(dir, OOM_GROUP)
                && files.read(dir, OOM_GROUP).strip().equals("1");
    }

    /** Tells if the file has the value. A unit that went meanwhile leaves properties behind, which are dropped. */
    private boolean isKept(UnitName unit, CgroupPath dir, String file, String value) {
        try {
            return NormalForm.sameValue(
                    file, files.read(dir, file), value, files.pageBytes(), PropertyTable.QUOTA_STEP_MICROS);
        } catch (CgroupException e) {
            if (!files.exists(dir)) {
                known.remove(unit);
                dropLeftover(unit, e);
            }
            throw e;
        }
    }

    private void dropLeftover(UnitName unit, CgroupException cause) {
        try {
            if (!manager.exists(unit)) {
                manager.revert(unit);
            }
        } catch (SystemdException e) {
            cause.addSuppressed(e);
        }
    }

    /** Gives systemd the value that the file has kept, in place of the one that the kernel has refused. */
    private void restore(UnitName unit, String file, String before, String refused, CgroupException cause) {
        if (before.equals(refused)) {
            return;
        }
        String kept = before.isBlank() && file.startsWith("cpuset.")
                ? files.read(CgroupPath.ROOT, file + ".effective")
                : before;
        try {
            List<UnitProperty> properties = PropertyTable.of(file, kept, before, manager.version());
            if (!properties.isEmpty()) {
                manager.setProperties(unit, properties);
            }
        } catch (SystemdException e) {
            cause.addSuppressed(e);
        }
    }

    /** Forgets a unit, since its cgroup is gone. */
    void forget(UnitName unit) {
        known.remove(unit);
    }
}
