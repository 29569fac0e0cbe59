package io.podslice.simulator.libcontainer;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.proto.cri.v1.CgroupDriver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Makes cgroups, writes their values and removes them, as one of libcontainer's drivers does for cgroup v2. */
public abstract class Libcontainer {
    private final CgroupFiles files;

    Libcontainer(CgroupFiles files) {
        this.files = files;
    }

    /** Returns the cgroup tree. */
    public final CgroupFiles files() {
        return files;
    }

    /** Returns the driver as CRI's RuntimeConfig names it. */
    public abstract CgroupDriver driver();

    /**
     * Makes one level.
     *
     * @return false where it is there already
     */
    abstract boolean make(CgroupPath path);

    /** Writes values, in this order. */
    public abstract void set(CgroupPath path, List<FileValue> values);

    /** Removes the cgroup, whose processes have ended; does nothing if it is gone already. */
    public abstract void remove(CgroupPath path);

    /**
     * Makes the cgroup and every missing ancestor, and enables at each level all controllers that the root has. A level
     * made here is removed again if a later one cannot be made; one that existed stays.
     */
    public final void create(CgroupPath path) {
        List<String> controllers = List.of(
                files.read(CgroupPath.ROOT, CgroupFile.CONTROLLERS).strip().split(" "));
        Deque<CgroupPath> made = new ArrayDeque<>();
        try {
            for (CgroupPath level : fromRoot(path)) {
                if (!level.equals(CgroupPath.ROOT) && make(level)) {
                    made.push(level);
                }
                if (!level.equals(path)) {
                    enable(level, controllers);
                }
            }
        } catch (CgroupException e) {
            made.forEach(this::remove);
            throw e;
        }
    }

    /** Makes one level where it is missing, without enabling anything. */
    public final void createOne(CgroupPath path) {
        var _ = make(path);
    }

    /** Enables all controllers at once, else one by one; one that cannot be enabled fails when its file is written. */
    public final void enable(CgroupPath level, List<String> controllers) {
        try {
            files.write(level, CgroupFile.SUBTREE_CONTROL, "+" + String.join(" +", controllers));
        } catch (CgroupException all) {
            for (String controller : controllers) {
                try {
                    files.write(level, CgroupFile.SUBTREE_CONTROL, "+" + controller);
                } catch (CgroupException one) {
                    all.addSuppressed(one);
                }
            }
            if (all.getSuppressed().length == controllers.size()) {
                throw all;
            }
        }
    }

    private static Deque<CgroupPath> fromRoot(CgroupPath path) {
        Deque<CgroupPath> levels = new ArrayDeque<>();
        for (CgroupPath level = path; ; level = level.parent().orElseThrow()) {
            levels.push(level);
            if (level.equals(CgroupPath.ROOT)) {
                return levels;
            }
        }
    }

    /** Makes a directory; returns false where it is there already. */
    final boolean mkdir(CgroupPath level) {
        try {
            files.create(level);
            return true;
        } catch (CgroupException e) {
            if (e.errno() == Errno.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    final void rmdir(CgroupPath path) {
        try {
            files.remove(path);
        } catch (CgroupException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }
}
