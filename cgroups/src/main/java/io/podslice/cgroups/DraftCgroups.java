package io.podslice.cgroups;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup tree with changes that have not been made: reads come from the tree below until something is written here,
 * and nothing is ever written to the tree below. {@link PlanRunner} on a draft tells in advance what a plan will change
 * and what undoes it. Not thread-safe, and meant to be short-lived, since values read from the tree below may change
 * there.
 *
 * <p>The draft keeps to the kernel's hierarchy where plans rely on it (controllers, effective CPU sets, the files of a
 * new cgroup), and leaves all other values and errors to the kernel.
 */
public final class DraftCgroups implements CgroupFiles {
    private static final String SUBTREE_CONTROL = CgroupFile.SUBTREE_CONTROL;
    private static final String CPUS = CgroupFile.CPUSET_CPUS;
    private static final String MEMS = CgroupFile.CPUSET_MEMS;

    /** The files of a new cgroup and their values (Linux Documentation/admin-guide/cgroup-v2.rst). */
    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry(CPUS, ""),
            Map.entry(MEMS, ""),
            Map.entry(CgroupFile.CPUSET_CPUS_EXCLUSIVE, ""),
            Map.entry(CgroupFile.CPUSET_CPUS_PARTITION, "member"),
            Map.entry(CgroupFile.CPU_MAX, "max 100000"),
            Map.entry(CgroupFile.CPU_MAX_BURST, "0"),
            Map.entry(CgroupFile.CPU_IDLE, "0"),
            Map.entry(CgroupFile.CPU_WEIGHT, "100"),
            Map.entry(CgroupFile.MEMORY_MIN, "0"),
            Map.entry(CgroupFile.MEMORY_LOW, "0"),
            Map.entry(CgroupFile.MEMORY_HIGH, "max"),
            Map.entry(CgroupFile.MEMORY_MAX, "max"),
            Map.entry(CgroupFile.MEMORY_CURRENT, "0"),
            Map.entry("memory.swap.max", "max"),
            Map.entry("memory.oom.group", "0"),
            Map.entry("pids.max", "max"),
            Map.entry(CgroupFile.EVENTS, "populated 0\nfrozen 0"),
            Map.entry(SUBTREE_CONTROL, ""));

    private final CgroupFiles below;
    private final Map<CgroupPath, Map<String, String>> written = new HashMap<>();
    private final Set<CgroupPath> created = new HashSet<>();
    private final Set<CgroupPath> removed = new HashSet<>();

    /** @param below the present tree */
    public DraftCgroups(CgroupFiles below) {
        this.below = below;
    }

    @Override
    public String read(CgroupPath dir, String file) {
        checkExists(dir, file);
        if (file.equals(CPUS + ".effective") || file.equals(MEMS + ".effective")) {
            return effective(dir, file.substring(0, file.length() - ".effective".length()));
        }
        String value = valueOf(dir, file);
        if (value != null) {
            return value;
        }
        if (file.equals(CgroupFile.CONTROLLERS) && (isNew(dir) || isControlledHere(dir))) {
            return read(dir.parent().orElse(CgroupPath.ROOT), SUBTREE_CONTROL);
        }
        if (!isNew(dir)) {
            return below.read(dir, file);
        }
        throw new CgroupException(Errno.ENOENT, Step.fileOf(dir, file), null, "no such file in a new cgroup");
    }

    /** Returns the value written here, or a new cgroup's default; null where the tree below has the value. */
    private @Nullable String valueOf(CgroupPath dir, String file) {
        Map<String, String> values = written.get(dir);
        String value = values == null ? null : values.get(file);
        if (value != null || !(isNew(dir) || isEnabledHere(dir, file))) {
            return value;
        }
        return isHugetlbLimit(file) ? "max" : DEFAULTS.get(file);
    }

    private static boolean isHugetlbLimit(String file) {
        return file.startsWith("hugetlb.") && file.endsWith(".max");
    }

    /**
     * Returns the effective set by the kernel's rule: the parent's effective set, reduced to the cgroup's own set
     * unless that leaves nothing.
     */
    private String effective(CgroupPath dir, String file) {
        if (!isChangedFor(dir, file)) {
            return below.read(dir, file + ".effective");
        }
        CgroupPath parent = dir.parent().orElse(null);
        if (parent == null) {
            return below.read(dir, file + ".effective");
        }
        CpuSet above = CpuSet.parse(effective(parent, file));
        CpuSet own = hasFile(dir, file) ? CpuSet.parse(read(dir, file)).intersection(above) : CpuSet.empty();
        return (own.isEmpty() ? above : own).toString();
    }

    private boolean isChangedFor(CgroupPath dir, String file) {
        for (CgroupPath at = dir; at != null; at = at.parent().orElse(null)) {
            Map<String, String> values = written.get(at);
            if (isNew(at) || (values != null && values.containsKey(file))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void write(CgroupPath dir, String file, String value) {
        checkExists(dir, file);
        String kept = switch (file) {
            case SUBTREE_CONTROL -> controlled(read(dir, file), value);
            case CgroupFile.CPU_MAX -> NormalForm.kept(file, read(dir, file), value, this);
            default -> NormalForm.kept(file, "", value, this);
        };
        written.computeIfAbsent(dir, path -> new HashMap<>()).put(file, kept);
    }

    private static String controlled(String before, String command) {
        Set<String> controllers = new LinkedHashSet<>(Controllers.parse(before));
        for (String change : Controllers.parse(command)) {
            String name = change.substring(1);
            if (change.startsWith("-")) {
                controllers.remove(name);
            } else {
                controllers.add(name);
            }
        }
        return String.join(" ", controllers);
    }

    @Override
    public long pageBytes() {
        return below.pageBytes();
    }

    @Override
    public long quotaStepMicros() {
        return below.quotaStepMicros();
    }

    @Override
    public boolean exists(CgroupPath dir) {
        return created.contains(dir) || (!isGone(dir) && below.exists(dir));
    }

    private boolean isGone(CgroupPath dir) {
        for (CgroupPath at = dir; at != null; at = at.parent().orElse(null)) {
            if (removed.contains(at)) {
                return true;
            }
        }
        return false;
    }

    private boolean isNew(CgroupPath dir) {
        return created.contains(dir);
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        if (!exists(dir)) {
            return false;
        }
        if (!isNew(dir)) {
            return isEnabledHere(dir, file) || below.hasFile(dir, file);
        }
        return file.startsWith("cgroup.") || isControlled(dir, file);
    }

    /** Tells if controllers were enabled in this draft for the cgroup, which has those that its parent enables. */
    private boolean isControlledHere(CgroupPath dir) {
        Map<String, String> parent = dir.parent().map(written::get).orElse(null);
        return parent != null && parent.containsKey(SUBTREE_CONTROL);
    }

    /** Tells if an existing cgroup has the file only because its controller was enabled in this draft. */
    private boolean isEnabledHere(CgroupPath dir, String file) {
        Map<String, String> parent = dir.parent().map(written::get).orElse(null);
        return parent != null
                && parent.containsKey(SUBTREE_CONTROL)
                && exists(dir)
                && isControlled(dir, file)
                && !below.hasFile(dir, file);
    }

    private boolean isControlled(CgroupPath dir, String file) {
        CgroupPath parent = dir.parent().orElse(CgroupPath.ROOT);
        int dot = file.indexOf('.');
        boolean known = DEFAULTS.containsKey(file)
                || isHugetlbLimit(file)
                || file.equals(CPUS + ".effective")
                || file.equals(MEMS + ".effective");
        return known
                && dot > 0
                && Controllers.parse(read(parent, SUBTREE_CONTROL)).contains(file.substring(0, dot));
    }

    @Override
    public void create(CgroupPath dir) {
        if (exists(dir)) {
            throw new CgroupException(Errno.EEXIST, dir.value(), null, "creating");
        }
        CgroupPath parent = dir.parent().orElse(CgroupPath.ROOT);
        if (!exists(parent)) {
            throw new CgroupException(Errno.ENOENT, dir.value(), null, "creating: no cgroup " + parent);
        }
        created.add(dir);
        written.remove(dir);
    }

    @Override
    public void remove(CgroupPath dir) {
        checkExists(dir, "");
        created.remove(dir);
        removed.add(dir);
        written.remove(dir);
    }

    @Override
    public List<String> children(CgroupPath dir) {
        checkExists(dir, "");
        Set<String> names = new TreeSet<>();
        if (!isNew(dir)) {
            for (String name : below.children(dir)) {
                if (!removed.contains(dir.child(name))) {
                    names.add(name);
                }
            }
        }
        for (CgroupPath path : created) {
            if (path.parent().filter(dir::equals).isPresent()) {
                names.add(path.name());
            }
        }
        return new ArrayList<>(names);
    }

    private void checkExists(CgroupPath dir, String file) {
        if (isNew(dir) || !isGone(dir)) {
            return;
        }
        throw new CgroupException(
                Errno.ENOENT, file.isEmpty() ? dir.value() : Step.fileOf(dir, file), null, "removed by the plan");
    }
}
