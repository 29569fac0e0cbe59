package io.podslice.cgroups;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cgroup v2 tree of a machine that has just booted, in memory and read-only: the root cgroup alone, with every
 * controller in {@link Controllers#WANTED} and none of them enabled below. {@link DraftCgroups} on top of it is a whole
 * tree that touches no kernel.
 */
public final class BootedCgroups implements CgroupFiles {
    private final Map<String, String> root;

    /**
     * Makes the tree.
     *
     * @param cpus the online CPUs
     * @param memoryNodes the NUMA nodes that have memory
     */
    public BootedCgroups(CpuSet cpus, CpuSet memoryNodes) {
        this.root = Map.of(
                CgroupFile.CONTROLLERS,
                String.join(" ", Controllers.WANTED),
                CgroupFile.SUBTREE_CONTROL,
                "",
                CgroupFile.CPUSET_CPUS_EFFECTIVE,
                cpus.toString(),
                "cpuset.mems.effective",
                memoryNodes.toString());
    }

    @Override
    public String read(CgroupPath dir, String file) {
        String value = hasFile(dir, file) ? root.get(file) : null;
        if (value == null) {
            throw new CgroupException(Errno.ENOENT, Step.fileOf(dir, file), null, "no such file");
        }
        return value;
    }

    @Override
    public void write(CgroupPath dir, String file, String value) {
        throw readOnly(Step.fileOf(dir, file), value);
    }

    @Override
    public boolean exists(CgroupPath dir) {
        return dir.equals(CgroupPath.ROOT);
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        return exists(dir) && root.containsKey(file);
    }

    @Override
    public void create(CgroupPath dir) {
        throw readOnly(dir.value(), null);
    }

    @Override
    public void remove(CgroupPath dir) {
        throw readOnly(dir.value(), null);
    }

    @Override
    public List<String> children(CgroupPath dir) {
        if (!exists(dir)) {
            throw new CgroupException(Errno.ENOENT, dir.value(), null, "no such cgroup");
        }
        return List.of();
    }

    private static CgroupException readOnly(String path, @Nullable String value) {
        return new CgroupException(Errno.EROFS, path, value, "this tree is only read");
    }
}
