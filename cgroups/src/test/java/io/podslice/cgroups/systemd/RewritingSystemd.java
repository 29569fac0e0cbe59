package io.podslice.cgroups.systemd;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.FolderCgroups;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** systemd as the writer sees it: each call rewrites every file of the unit that it has a property for. */
final class RewritingSystemd implements SystemdManager {
    private final FolderCgroups kernel;
    private final Map<UnitName, Map<String, UnitProperty.Value>> units =
            new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
    private final List<Listener> listeners = new ArrayList<>();
    /** Every call that changes something, one a line. */
    final List<String> log = new ArrayList<>();

    int version = 257;
    /** The D-Bus error of the next calls; null where they succeed. */
    @Nullable
    String failing;
    /** The property that cannot be set on this version. */
    String refusing = "";
    /** The D-Bus error with which it is refused. */
    String refusal = SystemdException.PROPERTY_READ_ONLY;
    /** The unit that is stopped just before its properties are set. */
    @Nullable
    UnitName vanishing;

    RewritingSystemd(FolderCgroups kernel) {
        this.kernel = kernel;
    }

    private void called(String what) {
        if (failing != null) {
            throw new SystemdException(failing, "made to fail");
        }
        log.add(what);
    }

    /** Makes a unit that another process has started. */
    void load(UnitName unit, CgroupPath path) {
        units.put(unit, new TreeMap<>());
        kernel.create(path);
    }

    UnitProperty.@Nullable Value property(String unit, String name) {
        Map<String, UnitProperty.Value> properties = units.get(new UnitName(unit));
        return properties == null ? null : properties.get(name);
    }

    void reconnect() {
        listeners.forEach(Listener::reconnected);
    }

    @Override
    public int version() {
        if (failing != null) {
            throw new SystemdException(failing, "made to fail");
        }
        return version;
    }

    @Override
    public boolean exists(UnitName unit) {
        version();
        return units.containsKey(unit);
    }

    @Override
    public void setProperties(UnitName unit, List<UnitProperty> properties) {
        if (properties.stream().anyMatch(property -> property.name().equals(refusing))) {
            throw new SystemdException(refusal, "Cannot set property " + refusing);
        }
        called("set " + unit + " " + properties);
        CgroupPath path = unit.isSlice() ? unit.path() : CgroupPath.ROOT.child(unit.value());
        if (unit.equals(vanishing)) {
            units.remove(unit);
            kernel.remove(path);
        }
        Map<String, UnitProperty.Value> kept = units.getOrDefault(unit, new TreeMap<>());
        properties.forEach(property -> kept.put(property.name(), property.value()));
        if (units.containsKey(unit)) {
            rewrite(path, kept);
        }
    }

    private void rewrite(CgroupPath path, Map<String, UnitProperty.Value> kept) {
        long weight = number(kept, "CPUWeight", -1);
        put(path, "cpu.idle", weight == 0 ? "1" : "0");
        put(path, "cpu.weight", weight == 0 ? "1" : weight == -1 ? "100" : Long.toString(weight));
        long period = number(kept, "CPUQuotaPeriodUSec", 100_000);
        long quota = number(kept, "CPUQuotaPerSecUSec", -1);
        put(path, "cpu.max", (quota == -1 ? "max" : quota * period / 1_000_000) + " " + period);
        put(
                path,
                "cpuset.cpus",
                kept.get("AllowedCPUs") instanceof UnitProperty.Value.Mask(CpuSet cpus) ? cpus.toString() : "");
        put(path, "memory.high", limit(number(kept, "MemoryHigh", -1)));
        put(path, "memory.max", limit(number(kept, "MemoryMax", -1)));
        put(path, "memory.oom.group", "0");
    }

    private static String limit(long bytes) {
        return bytes == -1 ? "max" : Long.toString(bytes);
    }

    private static long number(Map<String, UnitProperty.Value> kept, String name, long otherwise) {
        return kept.get(name) instanceof UnitProperty.Value.Amount(long unsigned) ? unsigned : otherwise;
    }

    /** systemd only logs what the kernel refuses. */
    private void put(CgroupPath path, String file, String value) {
        try {
            if (!kernel.read(path, file).equals(value)) {
                kernel.write(path, file, value);
            }
        } catch (CgroupException e) {
            log.add("refused: " + e.path());
        }
    }

    @Override
    public void startSlice(UnitName slice, List<UnitProperty> properties) {
        called("start " + slice);
        load(slice, slice.path());
    }

    @Override
    public void stop(UnitName unit) {
        called("stop " + unit);
        if (units.remove(unit) != null) {
            kernel.remove(unit.path());
        }
    }

    @Override
    public void revert(UnitName unit) {
        called("revert " + unit);
    }

    @Override
    public Watch watch(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
