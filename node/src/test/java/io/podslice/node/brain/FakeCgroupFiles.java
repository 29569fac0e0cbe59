package io.podslice.node.brain;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A cgroup tree in memory: directories, files with their defaults, effective CPU sets by hierarchy. Every cgroup has
 * every controller.
 */
class FakeCgroupFiles implements CgroupFiles {
    private static final CgroupPath ROOT = CgroupPath.ROOT;

    /** Size of a memory page in bytes, to which limits of memory are rounded down. */
    long pageBytes = 4096;

    /** CPUs that are online. */
    CpuSet online;

    private final NavigableMap<CgroupPath, Map<String, String>> dirs = new TreeMap<>();

    /** Every write that changed a file, in order, e.g. {@code /kubepods/burstable/cpuset.cpus=0-7}. */
    final List<String> writes = new ArrayList<>();

    /** The cgroups of which a file was read, in order. */
    final List<String> reads = new ArrayList<>();

    /** Called before each write; may throw. */
    BiConsumer<String, String> beforeWrite = (file, value) -> {};

    /** Called after each write that changed a file, with its name. */
    Consumer<String> afterWrite = file -> {};

    FakeCgroupFiles(CpuSet online) {
        this.online = online;
        dirs.put(ROOT, new HashMap<>(Map.of("cgroup.controllers", "cpuset cpu memory hugetlb pids")));
        dirs.get(ROOT).put("cgroup.subtree_control", "");
    }

    private Map<String, String> dir(CgroupPath path) {
        Map<String, String> files = dirs.get(path);
        if (files == null) {
            throw new CgroupException(Errno.ENOENT, path.value(), null, "no such cgroup");
        }
        return files;
    }

    @Override
    public String read(CgroupPath dir, String file) {
        reads.add(dir.value());
        Map<String, String> files = dir(dir);
        if (file.equals("cpuset.cpus.effective")) {
            return effective(dir).toString();
        }
        String text = files.get(file);
        if (text == null) {
            throw new CgroupException(Errno.ENOENT, dir + "/" + file, null, "no such file");
        }
        return text;
    }

    CpuSet effective(CgroupPath path) {
        CpuSet above = path.parent().map(this::effective).orElse(online);
        CpuSet own = CpuSet.parse(dir(path).getOrDefault("cpuset.cpus", "")).intersection(above);
        return own.isEmpty() ? above : own;
    }

    @Override
    public void write(CgroupPath dir, String file, String value) {
        String name = dir + "/" + file;
        beforeWrite.accept(name, value);
        refuseAsTheKernel(dir, file, value);
        if (read(dir, file).isEmpty() && file.equals("cgroup.subtree_control")) {
            dir(dir).put(file, value.replace("+", ""));
            return;
        }
        String kept = file.startsWith("memory.")
                ? ByteLimit.parse(value).roundedDown(pageBytes).toString()
                : value;
        dir(dir).put(file, kept);
        writes.add(name + "=" + kept);
        afterWrite.accept(name);
    }

    @Override
    public long pageBytes() {
        return pageBytes;
    }

    private void refuseAsTheKernel(CgroupPath dir, String file, String value) {
        boolean refused = switch (file) {
            case "cpu.weight" -> read(dir, "cpu.idle").equals("1");
            case "cpu.max" ->
                CpuMax.parse(value).isLimited()
                        && CpuMax.parse(value).quotaMicros() < Long.parseLong(read(dir, "cpu.max.burst"));
            default -> false;
        };
        if (refused) {
            throw new CgroupException(Errno.EINVAL, dir + "/" + file, value, "writing: Invalid argument");
        }
    }

    @Override
    public boolean exists(CgroupPath dir) {
        return dirs.containsKey(dir);
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        return exists(dir) && (dir(dir).containsKey(file) || file.equals("cpuset.cpus.effective"));
    }

    @Override
    public void create(CgroupPath dir) {
        dir(dir.parent().orElseThrow());
        if (exists(dir)) {
            throw new CgroupException(Errno.EEXIST, dir.value(), null, "creating");
        }
        Map<String, String> files = new HashMap<>();
        files.put("cgroup.controllers", "cpuset cpu memory hugetlb pids");
        files.put("cgroup.subtree_control", "");
        files.put("cgroup.events", "populated 1\nfrozen 0");
        files.put("cpuset.cpus", "");
        files.put("cpu.max", "max 100000");
        files.put("cpu.max.burst", "0");
        files.put("cpu.weight", "100");
        files.put("cpu.idle", "0");
        files.put("memory.min", "0");
        files.put("memory.low", "0");
        files.put("memory.high", "max");
        files.put("memory.max", "max");
        files.put("memory.current", "0");
        files.put("memory.high", "max");
        files.put("hugetlb.2MB.max", "max");
        files.put("hugetlb.1GB.max", "max");
        dirs.put(dir, files);
    }

    @Override
    public void remove(CgroupPath dir) {
        dir(dir);
        if (!children(dir).isEmpty()) {
            throw new CgroupException(Errno.EBUSY, dir.value(), null, "removing");
        }
        dirs.remove(dir);
    }

    @Override
    public List<String> children(CgroupPath dir) {
        dir(dir);
        List<String> names = new ArrayList<>();
        for (CgroupPath path : dirs.keySet()) {
            if (!path.equals(ROOT) && path.parent().orElse(ROOT).equals(dir)) {
                names.add(path.name());
            }
        }
        return names;
    }

    /** Makes a cgroup and all above it. */
    CgroupPath makeAll(String path) {
        CgroupPath wanted = new CgroupPath(path);
        wanted.parent().filter(parent -> !exists(parent)).ifPresent(parent -> makeAll(parent.value()));
        if (!exists(wanted)) {
            create(wanted);
        }
        return wanted;
    }

    /** Removes a cgroup and all below it. */
    void removeAll(CgroupPath path) {
        dirs.keySet().removeIf(dir -> dir.isWithin(path));
    }

    void set(CgroupPath dir, String file, String value) {
        dir(dir).put(file, value);
    }

    String get(String path, String file) {
        return read(new CgroupPath(path), file);
    }

    /** All settings of all cgroups, for comparison. */
    Map<String, String> everything() {
        Map<String, String> all = new TreeMap<>();
        dirs.forEach((path, files) -> files.forEach((file, value) -> {
            if (!file.startsWith("cgroup.")) {
                all.put(path + "/" + file, value);
            }
        }));
        return all;
    }
}
