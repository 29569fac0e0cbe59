package io.podslice.simulator.libcontainer;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.proto.cri.v1.CgroupDriver;
import io.podslice.simulator.systemd.SimulatedSystemd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * libcontainer's driver that asks systemd for slices and scopes: values that have a property go to systemd in one call,
 * then all values are written to the files once more.
 */
public final class SystemdLibcontainer extends Libcontainer {
    /** Its user, by which it makes slices. */
    public enum User {
        /** Makes slices by itself, as transient units. */
        KUBELET,
        /** Makes scopes; slices that are missing come with them. */
        RUNC
    }

    private static final long SECOND_MICROS = 1_000_000;

    /** libcontainer rounds a quota up to a multiple of this number of microseconds a second. */
    private static final long QUOTA_GRAIN = 10_000;

    private static final List<UnitProperty> ACCOUNTED = List.of(
            UnitProperty.flag("MemoryAccounting", true),
            UnitProperty.flag("CPUAccounting", true),
            UnitProperty.flag("IOAccounting", true),
            UnitProperty.flag("TasksAccounting", true),
            UnitProperty.flag("DefaultDependencies", false));

    private final SimulatedSystemd systemd;
    private final User user;

    /**
     * @param files the cgroup tree
     * @param systemd the systemd of that tree
     */
    public SystemdLibcontainer(CgroupFiles files, SimulatedSystemd systemd, User user) {
        super(files);
        this.systemd = systemd;
        this.user = user;
    }

    @Override
    public CgroupDriver driver() {
        return CgroupDriver.SYSTEMD;
    }

    @Override
    boolean make(CgroupPath path) {
        Optional<UnitName> found = UnitName.ofPath(path);
        if (found.isEmpty()) {
            return mkdir(path);
        }
        UnitName unit = found.get();
        if (systemd.exists(unit)) {
            return false;
        }
        if (!unit.isSlice()) {
            UnitName slice = path.parent().flatMap(UnitName::ofPath).orElseThrow();
            systemd.startScope(unit, slice, ACCOUNTED);
        } else if (user == User.KUBELET) {
            systemd.startSlice(unit, ACCOUNTED);
        } else {
            systemd.needSlice(unit);
        }
        return true;
    }

    @Override
    public void set(CgroupPath path, List<FileValue> values) {
        List<FileValue> rounded =
                values.stream().map(SystemdLibcontainer::rounded).toList();
        Optional<UnitName> unit = UnitName.ofPath(path);
        if (unit.isPresent()) {
            List<UnitProperty> properties = new ArrayList<>();
            rounded.forEach(one -> properties.addAll(properties(one)));
            if (!properties.isEmpty()) {
                systemd.setProperties(unit.get(), properties);
            }
        }
        rounded.forEach(one -> files().write(path, one.file(), one.value()));
    }

    private static FileValue rounded(FileValue value) {
        if (!value.file().equals(CgroupFile.CPU_MAX)) {
            return value;
        }
        CpuMax max = CpuMax.parse(value.value());
        if (!max.isLimited()) {
            return value;
        }
        long quota = perSecond(max) * max.periodMicros() / SECOND_MICROS;
        return new FileValue(value.file(), new CpuMax(quota, max.periodMicros()).toString());
    }

    private static long perSecond(CpuMax max) {
        long exact = max.quotaMicros() * SECOND_MICROS / max.periodMicros();
        return Math.ceilDiv(exact, QUOTA_GRAIN) * QUOTA_GRAIN;
    }

    /** Returns the properties that have the value; none for a file that systemd does not know. */
    private static List<UnitProperty> properties(FileValue value) {
        return switch (value.file()) {
            case CgroupFile.CPU_WEIGHT -> number(UnitProperty.CPU_WEIGHT, value);
            case CgroupFile.CPU_MAX -> {
                CpuMax max = CpuMax.parse(value.value());
                yield List.of(
                        UnitProperty.number(
                                UnitProperty.CPU_QUOTA_PER_SEC,
                                max.isLimited() ? perSecond(max) : UnitProperty.INFINITY),
                        UnitProperty.number(UnitProperty.CPU_QUOTA_PERIOD, max.periodMicros()));
            }
            case CgroupFile.MEMORY_MIN -> number(UnitProperty.MEMORY_MIN, value);
            case CgroupFile.MEMORY_LOW -> number(UnitProperty.MEMORY_LOW, value);
            case CgroupFile.MEMORY_HIGH -> number(UnitProperty.MEMORY_HIGH, value);
            case CgroupFile.MEMORY_MAX -> number(UnitProperty.MEMORY_MAX, value);
            case "memory.swap.max" -> number(UnitProperty.MEMORY_SWAP_MAX, value);
            case "pids.max" -> number(UnitProperty.TASKS_MAX, value);
            case CgroupFile.CPUSET_CPUS -> mask(UnitProperty.ALLOWED_CPUS, value);
            case CgroupFile.CPUSET_MEMS -> mask(UnitProperty.ALLOWED_MEMORY_NODES, value);
            default -> List.of();
        };
    }

    private static List<UnitProperty> number(String property, FileValue value) {
        long number = value.value().equals("max") ? UnitProperty.INFINITY : Long.parseLong(value.value());
        return List.of(UnitProperty.number(property, number));
    }

    private static List<UnitProperty> mask(String property, FileValue value) {
        return List.of(UnitProperty.mask(property, CpuSet.parse(value.value())));
    }

    @Override
    public void remove(CgroupPath path) {
        Optional<UnitName> unit = UnitName.ofPath(path);
        if (unit.isPresent()) {
            systemd.stop(unit.get());
        } else {
            rmdir(path);
        }
    }
}
