package io.podslice.simulator.journal;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import java.util.List;

/** Cgroup files that note one actor's changes in the journal; a write that changes nothing is noted too. */
final class JournaledFiles implements CgroupFiles {
    private final Actor actor;
    private final CgroupFiles files;
    private final Journal journal;

    JournaledFiles(Actor actor, CgroupFiles files, Journal journal) {
        this.actor = actor;
        this.files = files;
        this.journal = journal;
    }

    @Override
    public long quotaStepMicros() {
        return files.quotaStepMicros();
    }

    @Override
    public String read(CgroupPath dir, String file) {
        return files.read(dir, file);
    }

    /** Writes one value at a time, so that the journal has the kernel's order. */
    @Override
    public void write(CgroupPath dir, String file, String value) {
        synchronized (journal) {
            String before = files.hasFile(dir, file) ? text(dir, file) : "";
            files.write(dir, file, value);
            journal.note(new Deed.Write(actor, dir, file, before, text(dir, file)));
        }
    }

    /** Returns the file's text; none for a file that can only be written, such as cgroup.kill. */
    private String text(CgroupPath dir, String file) {
        try {
            return files.read(dir, file);
        } catch (CgroupException e) {
            if (e.errno() == Errno.EINVAL) {
                return "";
            }
            throw e;
        }
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
    public void create(CgroupPath dir) {
        synchronized (journal) {
            files.create(dir);
            journal.note(new Deed.Made(actor, dir));
        }
    }

    @Override
    public void remove(CgroupPath dir) {
        synchronized (journal) {
            files.remove(dir);
            journal.note(new Deed.Removed(actor, dir));
        }
    }

    @Override
    public List<String> children(CgroupPath dir) {
        return files.children(dir);
    }
}
