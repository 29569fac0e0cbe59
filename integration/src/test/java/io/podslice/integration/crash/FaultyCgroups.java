package io.podslice.integration.crash;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import java.util.List;

/** A cgroup tree whose writes may fail. */
final class FaultyCgroups implements CgroupFiles {
    private final CgroupFiles tree;
    private final FaultPoints points;

    FaultyCgroups(CgroupFiles tree, FaultPoints points) {
        this.tree = tree;
        this.points = points;
    }

    private void change(String what, Runnable write) {
        Fault fault = points.next(what);
        if (fault == null) {
            write.run();
            return;
        }
        switch (fault) {
            case KILLED_BEFORE, ERROR -> throw new Killed(what);
            case KILLED_AMID, KILLED_AFTER -> {
                write.run();
                throw new Killed(what);
            }
            case EIO -> throw new CgroupException(Errno.EIO, what, null, "fault");
            case ENOSPC -> throw new CgroupException(Errno.ENOSPC, what, null, "fault");
            case EBUSY -> throw new CgroupException(Errno.EBUSY, what, null, "fault");
        }
    }

    @Override
    public long quotaStepMicros() {
        return tree.quotaStepMicros();
    }

    @Override
    public String read(CgroupPath dir, String file) {
        points.look("read " + dir);
        return tree.read(dir, file);
    }

    @Override
    public void write(CgroupPath dir, String file, String value) {
        change("write " + dir + "/" + file + ": " + value, () -> tree.write(dir, file, value));
    }

    @Override
    public boolean exists(CgroupPath dir) {
        points.look("exists " + dir);
        return tree.exists(dir);
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        points.look("hasFile " + dir);
        return tree.hasFile(dir, file);
    }

    @Override
    public void create(CgroupPath dir) {
        change("create " + dir, () -> tree.create(dir));
    }

    @Override
    public void remove(CgroupPath dir) {
        change("remove " + dir, () -> tree.remove(dir));
    }

    @Override
    public List<String> children(CgroupPath dir) {
        points.look("children " + dir);
        return tree.children(dir);
    }
}
