package io.podslice.simulator.systemd;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.systemd.SystemdException;
import io.podslice.cgroups.systemd.SystemdManager;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import io.podslice.cgroups.systemd.UnitProperty.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A systemd in memory, of a given version, over a cgroup tree: its slices and scopes, their properties and drop-ins, and
 * the attributes that it writes of its own accord. It believes that every write succeeds, as the real one does. Safe for
 * any thread; each call is atomic. Listeners are called on the thread that makes the event happen.
 *
 * <p>Left out: services and all other kinds of units, jobs that take time, DefaultMemoryLow= of ancestors, and devices.
 */
public final class SimulatedSystemd implements SystemdManager {
    private final SystemdRelease release;
    private final CgroupFiles files;
    private final PropertyRules rules;
    private final Realizer realizer;
    private final UnitFiles unitFiles = new UnitFiles();
    private final Map<String, SimulatedUnit> units = new HashMap<>();
    private final SimulatedUnit root = new SimulatedUnit();
    private final List<Listener> listeners = new ArrayList<>();
    private boolean answers = true;

    /**
     * Takes over a cgroup tree.
     *
     * @param files the tree, without cgroups of units
     * @param version the first number of systemd's version; 252, 254, 257 and 262 are known to behave as here
     */
    public SimulatedSystemd(CgroupFiles files, int version) {
        this.release = new SystemdRelease(version);
        this.files = files;
        this.rules = new PropertyRules(release);
        this.realizer = new Realizer(files, release);
        units.put(root.name.value(), root);
        realizer.realize(root);
    }

    @Override
    public int version() {
        return release.number();
    }

    @Override
    public synchronized boolean exists(UnitName unit) {
        checkAnswers();
        return units.containsKey(unit.value());
    }

    /**
     * Sets properties of a unit and writes all its attributes. Properties of a unit that does not exist are kept without
     * any error, and hold for the next unit of that name.
     */
    @Override
    public synchronized void setProperties(UnitName unit, List<UnitProperty> properties) {
        checkAnswers();
        rules.check(unit, properties, false);
        SimulatedUnit present = units.get(unit.value());
        for (UnitProperty property : properties) {
            if (present != null) {
                present.settings = present.settings.with(property.name(), property.value());
            }
            unitFiles.keep(unit, present != null && present.isTransient, property.name(), kept(property));
        }
        if (present != null) {
            present.invalidated = true;
            realizer.realize(present);
        }
    }

    /** Returns a value as systemd's own files keep it, which is what a reload brings back. */
    private Value kept(UnitProperty property) {
        if (!property.name().equals(UnitProperty.CPU_QUOTA_PER_SEC)
                || !(property.value() instanceof Value.Amount(long micros))
                || micros == UnitProperty.INFINITY) {
            return property.value();
        }
        long quota = release.keptQuota(micros);
        return new Value.Amount(quota == 0 ? UnitProperty.INFINITY : quota);
    }

    @Override
    public synchronized void startSlice(UnitName unit, List<UnitProperty> properties) {
        checkAnswers();
        UnitName above = unit.parent().orElseThrow(() -> new IllegalArgumentException(unit + " is in no slice"));
        if (!units.containsKey(unit.value())) {
            startTransient(unit, slice(above), properties);
        }
    }

    /**
     * Starts a scope whose processes another program controls (Delegate=yes), and the slices above it where they are
     * missing. Its first process is the caller's to start.
     *
     * @throws SystemdException with {@link SystemdException#UNIT_EXISTS} if there is such a unit
     */
    public synchronized void startScope(UnitName scope, UnitName slice, List<UnitProperty> properties) {
        checkAnswers();
        if (units.containsKey(scope.value())) {
            throw new SystemdException(
                    SystemdException.UNIT_EXISTS, "Unit " + scope + " was already loaded or has a fragment file.");
        }
        List<UnitProperty> all = new ArrayList<>(properties);
        all.add(UnitProperty.flag("Delegate", true));
        startTransient(scope, slice(slice), all);
    }

    private void startTransient(UnitName unit, SimulatedUnit slice, List<UnitProperty> properties) {
        rules.check(unit, properties, true);
        Settings given = Settings.NONE;
        Settings file = Settings.NONE;
        for (UnitProperty property : properties) {
            given = given.with(property.name(), property.value());
            file = file.with(property.name(), kept(property));
        }
        add(new SimulatedUnit(unit, slice, true, file, unitFiles.dropInsOver(given, unit)));
    }

    private void add(SimulatedUnit unit) {
        units.put(unit.name.value(), unit);
        unit.slice().members.put(unit.name.value(), unit);
        realizer.realize(unit);
    }

    /** Starts a slice, and those above it, where they are missing; such a slice has no properties but drop-ins'. */
    public synchronized void needSlice(UnitName name) {
        checkAnswers();
        var _ = slice(name);
    }

    private SimulatedUnit slice(UnitName name) {
        SimulatedUnit present = units.get(name.value());
        if (present != null) {
            return present;
        }
        SimulatedUnit made = new SimulatedUnit(
                name,
                slice(name.parent().orElseThrow(() -> new IllegalArgumentException(name + " is no slice"))),
                false,
                Settings.NONE,
                unitFiles.dropInsOver(Settings.NONE, name));
        add(made);
        return made;
    }

    /** Stops a unit and whatever is in it: its processes are killed. */
    @Override
    public synchronized void stop(UnitName unit) {
        checkAnswers();
        SimulatedUnit present = units.get(unit.value());
        if (present != null) {
            kill(present.path);
            end(present);
        }
    }

    private void end(SimulatedUnit unit) {
        SimulatedUnit slice = unit.slice();
        drop(unit);
        realizer.family(slice);
    }

    private void kill(CgroupPath path) {
        if (files.exists(path)) {
            files.write(path, "cgroup.kill", "1");
        }
    }

    private void drop(SimulatedUnit unit) {
        List.copyOf(unit.members.values()).forEach(this::drop);
        units.remove(unit.name.value());
        unit.slice().members.remove(unit.name.value());
        if (unit.isTransient) {
            unitFiles.forgetTransient(unit.name);
        }
        trim(unit.path);
    }

    /** Removes a cgroup and what is below it. */
    private void trim(CgroupPath path) {
        if (!files.exists(path)) {
            return;
        }
        for (String child : files.children(path)) {
            trim(path.child(child));
        }
        try {
            files.remove(path);
        } catch (CgroupException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** Notices that the last process of a scope has ended; does nothing where it is gone already. */
    public synchronized void emptied(UnitName scope) {
        SimulatedUnit present = units.get(scope.value());
        if (present != null) {
            end(present);
        }
    }

    /** Removes what systemd has written about the unit in its own files; values in use stay until a reload. */
    @Override
    public synchronized void revert(UnitName unit) {
        checkAnswers();
        unitFiles.revert(unit);
    }

    /** Tells if systemd keeps a property for the unit in a file of its own, whether or not the unit exists. */
    public synchronized boolean keepsPropertiesOf(UnitName unit) {
        return unitFiles.hasDropIns(unit);
    }

    /**
     * Writes a drop-in into /etc/systemd/system; units that are made later have it at once, the others with a reload.
     *
     * @param folder e.g. {@code kubepods-.slice.d} for all units whose names begin with {@code kubepods-}
     * @param file e.g. {@code 10-podslice.conf}
     */
    public synchronized void installDropIn(String folder, String file, List<UnitProperty> properties) {
        unitFiles.install(folder, file, properties);
    }

    /** Removes a drop-in from /etc/systemd/system; a reload makes it count. */
    public synchronized void removeDropIn(String folder, String file) {
        unitFiles.uninstall(folder, file);
    }

    /** Reads all units' files again, as {@code systemctl daemon-reload} does; most versions then write every attribute. */
    public void daemonReload() {
        reread();
        heard().forEach(Listener::reloaded);
    }

    /** Starts systemd again, as {@code systemctl daemon-reexec} does: connections break, otherwise as a reload. */
    public void daemonReexec() {
        reread();
        heard().forEach(Listener::reconnected);
    }

    private synchronized void reread() {
        for (SimulatedUnit unit : units.values()) {
            unit.settings = unitFiles.dropInsOver(unit.file, unit.name);
        }
        if (release.rewritesAtReload()) {
            realizer.all(root);
        } else {
            // 257 writes nothing now, but everything around the next unit that starts or stops.
            units.values().forEach(unit -> unit.invalidated = true);
        }
    }

    private synchronized List<Listener> heard() {
        return List.copyOf(listeners);
    }

    @Override
    public synchronized Watch watch(Listener listener) {
        listeners.add(listener);
        return () -> {
            synchronized (SimulatedSystemd.this) {
                listeners.remove(listener);
            }
        };
    }

    /** Lets calls be answered or not; one that is not has no effect, and fails at once as after its client's time limit. */
    public synchronized void answers(boolean now) {
        answers = now;
    }

    private void checkAnswers() {
        if (!answers) {
            throw new SystemdException(SystemdException.NO_REPLY, "Connection timed out");
        }
    }

    /** Returns the newest lines of systemd's log about refused writes, the oldest first; at most 64. */
    public synchronized List<String> log() {
        return realizer.log();
    }
}
