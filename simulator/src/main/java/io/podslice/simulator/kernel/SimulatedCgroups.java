package io.podslice.simulator.kernel;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.machine.Machine;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup v2 tree in memory that answers as Linux 6.12 does, with processes that are mere numbers. Safe for use by
 * any thread; each call is atomic.
 *
 * <p>Left out: threads (cgroup.threads, thread mode), io, rdma and misc files, pressure and usage statistics, and what
 * follows from real use: nothing runs or is throttled, and memory is in use only where {@link #useMemory} says so.
 */
public final class SimulatedCgroups implements CgroupFiles {
    private final CgroupTree tree;
    private final @Nullable CgroupMirror mirror;

    /**
     * Makes the tree of a machine that has just booted: the root cgroup alone, no controller enabled below it.
     *
     * @param machine its CPUs, memory nodes and sizes of huge pages
     */
    public SimulatedCgroups(Machine machine) {
        this(machine, null);
    }

    /**
     * Makes the tree of a machine that has just booted, and mirrors it in a folder: after each change every file there
     * has its text in the tree.
     *
     * @param folder made if it does not exist; everything in it that is no cgroup file is removed
     */
    public SimulatedCgroups(Machine machine, @Nullable Path folder) {
        tree = new CgroupTree(machine);
        mirror = folder == null ? null : new CgroupMirror(folder);
        show();
    }

    /**
     * Copies the tree as it is into a folder, once. A tree of many cgroups is made much faster so than by a mirror, which
     * follows each change.
     *
     * @param folder made if it does not exist; everything in it that is no cgroup file is removed
     * @throws IllegalStateException if the tree has a mirror
     */
    public synchronized void copyTo(Path folder) {
        if (mirror != null) {
            throw new IllegalStateException("the tree has a mirror, which takes note of what has changed");
        }
        new CgroupMirror(folder).show(tree);
    }

    @Override
    public synchronized String read(CgroupPath dir, String file) {
        return kernel(() -> tree.read(tree.get(dir), file), path(dir, file), null, "reading");
    }

    @Override
    public synchronized void write(CgroupPath dir, String file, String value) {
        change(() -> tree.write(tree.get(dir), file, value + "\n"), path(dir, file), value, "writing");
    }

    @Override
    public synchronized boolean exists(CgroupPath dir) {
        return tree.find(dir) != null;
    }

    @Override
    public synchronized boolean hasFile(CgroupPath dir, String file) {
        Cgroup cgroup = tree.find(dir);
        return cgroup != null && tree.files(cgroup).contains(file);
    }

    @Override
    public synchronized void create(CgroupPath dir) {
        change(() -> tree.create(dir), dir.value(), null, "creating");
    }

    @Override
    public synchronized void remove(CgroupPath dir) {
        change(() -> tree.remove(dir), dir.value(), null, "removing");
    }

    @Override
    public synchronized List<String> children(CgroupPath dir) {
        return kernel(() -> tree.get(dir).children.keySet().stream().sorted().toList(), dir.value(), null, "listing");
    }

    /** Returns the names of the files in the cgroup, sorted. */
    public synchronized List<String> files(CgroupPath dir) {
        return kernel(() -> tree.files(tree.get(dir)).stream().sorted().toList(), dir.value(), null, "listing");
    }

    /**
     * Starts a process in the cgroup, as clone(2) into it does. To move it, write its number to cgroup.procs.
     *
     * @param pid any number from 1 on that no other process has
     * @throws CgroupException if the cgroup cannot have processes
     */
    public synchronized void start(int pid, CgroupPath dir) {
        change(() -> tree.start(pid, tree.get(dir)), path(dir, "cgroup.procs"), Integer.toString(pid), "starting");
    }

    /**
     * Sets the memory that the cgroup's own processes use, in place of what they used. Limits reclaim page cache, and
     * memory.max kills processes for the rest, which its memory.events then count.
     *
     * @param anonymousBytes memory that cannot be reclaimed, in bytes
     * @param cacheBytes page cache, in bytes
     */
    public synchronized void useMemory(CgroupPath dir, long anonymousBytes, long cacheBytes) {
        change(
                () -> tree.memory().use(tree.get(dir), anonymousBytes, cacheBytes),
                path(dir, "memory.current"),
                null,
                "using memory");
    }

    /**
     * Takes CPUs online and offline, as a write to {@code /sys/devices/system/cpu/cpuN/online} does. Partitions that lose
     * all their CPUs stay valid here.
     *
     * @param cpus the CPUs that are online from now on, at least one; those that the machine does not have count for
     *     nothing
     */
    public synchronized void setOnline(CpuSet cpus) {
        tree.cpuset().online(cpus);
        show();
    }

    /** Ends a process; does nothing if it has ended. */
    public synchronized void exit(int pid) {
        tree.exit(pid);
        show();
    }

    /** Returns true until the process has ended. */
    public synchronized boolean isRunning(int pid) {
        return tree.cgroupOf(pid) != null;
    }

    /** Returns the cgroup of the process, as in /proc/PID/cgroup. */
    public synchronized CgroupPath cgroupOf(int pid) {
        return running(pid).path;
    }

    /** Returns the CPUs that the process may run on, as in Cpus_allowed_list of /proc/PID/status. */
    public synchronized CpuSet cpusAllowed(int pid) {
        return tree.cpuset().cpusAllowed(running(pid));
    }

    /** Returns the memory nodes that the process may use, as in Mems_allowed_list of /proc/PID/status. */
    public synchronized CpuSet memsAllowed(int pid) {
        return tree.cpuset().memsAllowed(running(pid));
    }

    private Cgroup running(int pid) {
        Cgroup cgroup = tree.cgroupOf(pid);
        if (cgroup == null) {
            throw new CgroupException(Errno.ESRCH, "process " + pid, null, Errno.ESRCH.text());
        }
        return cgroup;
    }

    private void change(Runnable operation, String path, @Nullable String value, String doing) {
        kernel(
                () -> {
                    operation.run();
                    return true;
                },
                path,
                value,
                doing);
        show();
    }

    private static <T> T kernel(Supplier<T> operation, String path, @Nullable String value, String doing) {
        try {
            return operation.get();
        } catch (KernelError e) {
            throw new CgroupException(
                    e.errno(), path, value, doing + ": " + e.errno().text());
        }
    }

    private static String path(CgroupPath dir, String file) {
        return dir.equals(CgroupPath.ROOT) ? "/" + file : dir + "/" + file;
    }

    private void show() {
        if (mirror != null) {
            mirror.show(tree);
        }
    }
}
