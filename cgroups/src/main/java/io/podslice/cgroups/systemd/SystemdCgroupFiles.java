package io.podslice.cgroups.systemd;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cgroup tree of a node whose cgroups are systemd's units. Reads are the kernel's. A value that systemd has a property
 * for goes by the property, since systemd rewrites the files of its units from them; all else by file. Slices are started
 * and stopped as units.
 *
 * <p>While systemd does not answer, values are written to the files alone: the kernel keeps to them at once. They are given
 * to systemd when it answers again, before other listeners hear of it, and until then a rewrite would lose them. Slices
 * can be neither made nor removed then.
 *
 * <p>A podslice that ended before it could give them to systemd has left no list of them. What a later rewrite by systemd
 * then brings back is drift, which sweeps repair, but for the sums of protected memory: a sum that is larger than podslice's
 * may be another program's, and stays. So systemd is given those of {@link InheritedSums} once after each start.
 */
public final class SystemdCgroupFiles implements CgroupFiles, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SystemdCgroupFiles.class);

    /** The kernel's. */
    private static final long DEFAULT_WEIGHT = 100;

    private final CgroupFiles files;
    private final SystemdManager manager;
    private final CgroupPath pods;
    private final UnitWriter writer;
    private final SystemdManager.Watch watch;

    /** Held while systemd is told of values, so that an owed value never comes after a newer one. */
    private final ReentrantLock turn = new ReentrantLock();

    private final OwedValues owed = new OwedValues();

    private final InheritedSums inherited;

    /**
     * @param files the kernel's tree
     * @param manager systemd; listened to until this is closed
     * @param pods the cgroup of all pods, e.g. {@code /kubepods.slice}: units elsewhere are neither made nor stopped
     */
    public SystemdCgroupFiles(CgroupFiles files, SystemdManager manager, CgroupPath pods) {
        this.files = files;
        this.manager = manager;
        this.pods = pods;
        this.writer = new UnitWriter(files, manager);
        this.inherited = InheritedSums.of(files, pods);
        inherited.all().forEach(this::inherit);
        this.watch = manager.watch(new Settling());
    }

    /** Stops listening to systemd; the manager stays open. */
    @Override
    public void close() {
        watch.close();
    }

    @Override
    public String read(CgroupPath dir, String file) {
        return files.read(dir, file);
    }

    @Override
    public boolean exists(CgroupPath dir) {
        return files.exists(dir);
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        return files.hasFile(dir, file);
    }

    @Override
    public List<String> children(CgroupPath dir) {
        return files.children(dir);
    }

    @Override
    public long pageBytes() {
        return files.pageBytes();
    }

    @Override
    public long quotaStepMicros() {
        return PropertyTable.QUOTA_STEP_MICROS;
    }

    @Override
    public void write(CgroupPath dir, String file, String value) {
        Optional<UnitName> unit = PropertyTable.has(file) ? UnitName.ofPath(dir) : Optional.empty();
        if (unit.isEmpty()) {
            files.write(dir, file, value);
            return;
        }
        turn.lock();
        try {
            pay(unit.get(), dir, file);
            writer.write(unit.get(), dir, file, value);
            owed.remove(dir, file);
        } catch (SystemdException e) {
            if (!e.isUnanswered()) {
                throw SystemdErrors.of(e, dir + "/" + file, "writing \"" + value + "\"");
            }
            files.write(dir, file, value);
            if (owed.isEmpty()) {
                log.warn(
                        "systemd does not answer ({}): values are written by file, and given to it when it does",
                        e.getMessage());
            }
            owed.add(dir, file, value);
        } finally {
            turn.unlock();
        }
    }

    /**
     * Tells systemd of the values of a unit that it is owed, before it is told of another: with any property it writes all
     * attributes of the unit, and its old values over the owed ones.
     *
     * @param file the file of the other value, whose own owed value is void
     */
    private void pay(UnitName unit, CgroupPath dir, String file) {
        Map<String, String> values = inherited.of(dir);
        values.putAll(owed.of(dir));
        values.remove(file);
        if (!values.isEmpty()) {
            writer.writeAll(unit, dir, values);
            values.keySet().forEach(paid -> owed.remove(dir, paid));
        }
        inherited.remove(dir);
    }

    /** Gives systemd a unit's sums as the files have them; where it does not answer they go with the unit's next value. */
    private void inherit(CgroupPath dir) {
        turn.lock();
        try {
            pay(UnitName.ofPath(dir).orElseThrow(), dir, "");
        } catch (SystemdException e) {
            log.info("{}: systemd is told of protected memory later: {}", dir, e.getMessage());
        } catch (CgroupException e) {
            inherited.remove(dir);
            log.info("systemd is not told of protected memory: {}", e.getMessage());
        } finally {
            turn.unlock();
        }
    }

    /** Starts a slice within the pods' cgroup; a directory that is no unit is made by the kernel. */
    @Override
    public void create(CgroupPath dir) {
        Optional<UnitName> unit = UnitName.ofPath(dir);
        if (unit.isEmpty()) {
            files.create(dir);
            return;
        }
        if (!unit.get().isSlice() || !dir.isWithin(pods)) {
            throw new CgroupException(Errno.EPERM, dir.value(), null, "creating: only slices of pods are made");
        }
        if (files.exists(dir)) {
            throw new CgroupException(Errno.EEXIST, dir.value(), null, "creating");
        }
        if (!dir.parent().map(files::exists).orElse(true)) {
            throw new CgroupException(Errno.ENOENT, dir.value(), null, "creating: no cgroup above");
        }
        try {
            manager.startSlice(unit.get(), properties(unit.get()));
        } catch (SystemdException e) {
            // An unanswered call may still have started the slice; it must then be known, so that it can be stopped.
            if (!e.isUnanswered() || !files.exists(dir)) {
                throw SystemdErrors.of(e, dir.value(), "starting the slice");
            }
        }
        if (!files.exists(dir)) {
            throw new CgroupException(Errno.ENOENT, dir.value(), null, "systemd has started the slice elsewhere");
        }
    }

    /**
     * The properties with which the kubelet makes a slice, so that systemd enables the controllers for it. Accounting does
     * not keep the controller cpu, which systemd disables with the slice's next property; a weight does.
     */
    private static List<UnitProperty> properties(UnitName slice) {
        List<UnitProperty> properties = new ArrayList<>();
        properties.add(UnitProperty.text("Description", "pod resources " + slice));
        slice.parent().ifPresent(parent -> properties.add(UnitProperty.names("Wants", List.of(parent.value()))));
        for (String accounting : List.of("MemoryAccounting", "CPUAccounting", "IOAccounting", "TasksAccounting")) {
            properties.add(UnitProperty.flag(accounting, true));
        }
        properties.add(UnitProperty.number(UnitProperty.CPU_WEIGHT, DEFAULT_WEIGHT));
        properties.add(UnitProperty.flag("DefaultDependencies", false));
        return properties;
    }

    /** Stops a slice within the pods' cgroup that has neither processes nor cgroups below. */
    @Override
    public void remove(CgroupPath dir) {
        Optional<UnitName> unit = UnitName.ofPath(dir);
        if (unit.isEmpty()) {
            files.remove(dir);
            return;
        }
        if (!unit.get().isSlice() || !dir.isWithin(pods)) {
            throw new CgroupException(Errno.EPERM, dir.value(), null, "removing: only slices of pods are stopped");
        }
        // systemd would kill every process below.
        if (!files.children(dir).isEmpty() || isPopulated(dir)) {
            throw new CgroupException(Errno.EBUSY, dir.value(), null, "removing: in use");
        }
        try {
            manager.stop(unit.get());
        } catch (SystemdException e) {
            if (!e.isUnanswered() || files.exists(dir)) {
                throw SystemdErrors.of(e, dir.value(), "stopping the slice");
            }
        }
        writer.forget(unit.get());
        if (files.exists(dir)) {
            files.remove(dir); // no unit of systemd's, or one whose cgroup it has left
        }
    }

    private boolean isPopulated(CgroupPath dir) {
        return files.read(dir, CgroupFile.EVENTS)
                .lines()
                .anyMatch(line -> line.strip().equals("populated 1"));
    }

    /** Gives systemd what it is owed. */
    private final class Settling implements SystemdManager.Listener {
        @Override
        public void reloaded() {
            // What is owed was not lost by the reload: systemd has not been told of it.
        }

        @Override
        public void reconnected() {
            inherited.all().forEach(SystemdCgroupFiles.this::inherit);
            for (OwedValues.Owed one : all()) {
                if (!settled(one)) {
                    return;
                }
            }
        }

        private List<OwedValues.Owed> all() {
            turn.lock();
            try {
                return owed.all();
            } finally {
                turn.unlock();
            }
        }

        /** Tells systemd of a value, if it is owed still; false if systemd does not answer again. */
        private boolean settled(OwedValues.Owed one) {
            turn.lock();
            try {
                if (owed.contains(one)) {
                    writer.write(UnitName.ofPath(one.dir()).orElseThrow(), one.dir(), one.file(), one.value());
                    owed.remove(one.dir(), one.file());
                }
                return true;
            } catch (SystemdException e) {
                if (e.isUnanswered()) {
                    return false;
                }
                owed.remove(one.dir(), one.file());
                log.warn("{}/{} <- \"{}\": systemd: {}", one.dir(), one.file(), one.value(), e.getMessage());
                return true;
            } catch (CgroupException e) {
                // Its cgroup has gone, or the kernel takes the value no longer: the sweep has the last word.
                owed.remove(one.dir(), one.file());
                log.info("systemd is not told of a value: {}", e.getMessage());
                return true;
            } finally {
                turn.unlock();
            }
        }
    }
}
