package io.podslice.cgroups;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Cgroups that are folders with files: a written value can be read back; chosen writes fail. */
public final class FolderCgroups implements CgroupFiles {
    private final Map<CgroupPath, Map<String, String>> folders = new TreeMap<>();
    private final Map<String, String> fresh;
    private final Map<String, Errno> failing = new HashMap<>();
    /** Every change that succeeded, one a line. */
    public final List<String> log = new ArrayList<>();
    /** The cgroup that is removed just before it is written to. */
    @Nullable
    CgroupPath vanishing;

    /** @param fresh the files of a new cgroup */
    public FolderCgroups(Map<String, String> fresh) {
        this.fresh = fresh;
        folders.put(CgroupPath.ROOT, new TreeMap<>(fresh));
    }

    /** Lets the write of that value to that file fail, or the creation or removal of that path. */
    public void fail(String what, Errno errno) {
        failing.put(what, errno);
    }

    private void change(String what) {
        Errno errno = failing.get(what);
        if (errno != null) {
            throw new CgroupException(errno, what, null, "made to fail");
        }
        log.add(what);
    }

    private Map<String, String> folder(CgroupPath dir) {
        Map<String, String> folder = folders.get(dir);
        if (folder == null) {
            throw new CgroupException(Errno.ENOENT, dir.value(), null, "no such cgroup");
        }
        return folder;
    }

    @Override
    public String read(CgroupPath dir, String file) {
        String text = folder(dir).get(file);
        if (text == null) {
            throw new CgroupException(Errno.ENOENT, Step.fileOf(dir, file), null, "no such file");
        }
        return text;
    }

    @Override
    public void write(CgroupPath dir, String file, String value) {
        if (dir.equals(vanishing)) {
            folders.remove(dir);
            throw new CgroupException(Errno.ENODEV, Step.fileOf(dir, file), value, "gone");
        }
        read(dir, file);
        change(Step.fileOf(dir, file) + " " + value);
        String text = file.equals("cgroup.subtree_control")
                ? (read(dir, file) + " " + value.replace("+", "")).strip()
                : value;
        folder(dir).put(file, text);
    }

    @Override
    public boolean exists(CgroupPath dir) {
        return folders.containsKey(dir);
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        return exists(dir) && folder(dir).containsKey(file);
    }

    @Override
    public void create(CgroupPath dir) {
        if (exists(dir)) {
            throw new CgroupException(Errno.EEXIST, dir.value(), null, "exists");
        }
        folder(dir.parent().orElseThrow());
        change("create " + dir);
        folders.put(dir, new TreeMap<>(fresh));
    }

    @Override
    public void remove(CgroupPath dir) {
        folder(dir);
        if (!children(dir).isEmpty()) {
            throw new CgroupException(Errno.EBUSY, dir.value(), null, "has children");
        }
        change("remove " + dir);
        folders.remove(dir);
    }

    @Override
    public List<String> children(CgroupPath dir) {
        return folders.keySet().stream()
                .filter(path -> path.parent().equals(Optional.of(dir)))
                .map(CgroupPath::name)
                .toList();
    }
}
