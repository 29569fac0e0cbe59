package io.podslice.simulator.kernel;

import io.podslice.cgroups.Errno;
import io.podslice.cgroups.HugePageSize;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Limits of huge pages, for each of the machine's sizes. Nothing uses huge pages. */
final class HugetlbController implements Controller {
    private final List<HugePageSize> sizes;
    /** The limits by file name. */
    private final Map<Cgroup, Map<String, PageLimit>> limits = new HashMap<>();

    HugetlbController(List<HugePageSize> sizes) {
        this.sizes = List.copyOf(sizes);
    }

    @Override
    public String name() {
        return "hugetlb";
    }

    @Override
    public boolean isThreaded() {
        return false;
    }

    @Override
    public void enabled(Cgroup cgroup) {
        Map<String, PageLimit> byFile = new TreeMap<>();
        for (HugePageSize size : sizes) {
            byFile.put(size.limitFile(), PageLimit.MAX.roundedDown(pages(size)));
            byFile.put("hugetlb." + size + ".rsvd.max", PageLimit.MAX.roundedDown(pages(size)));
        }
        limits.put(cgroup, byFile);
    }

    @Override
    public void disabled(Cgroup cgroup) {
        limits.remove(cgroup);
    }

    @Override
    public List<String> files(Cgroup cgroup) {
        if (cgroup.isRoot()) {
            return List.of();
        }
        List<String> files = new ArrayList<>();
        for (HugePageSize size : sizes) {
            files.add("hugetlb." + size + ".current");
            files.add("hugetlb." + size + ".events");
            files.add(size.limitFile());
            files.add("hugetlb." + size + ".rsvd.current");
            files.add("hugetlb." + size + ".rsvd.max");
        }
        return files;
    }

    @Override
    public void checkAttach(Cgroup cgroup) {}

    @Override
    public String read(Cgroup cgroup, String file) {
        if (file.endsWith(".current")) {
            return "0";
        }
        if (file.endsWith(".events")) {
            return "max 0";
        }
        PageLimit limit = of(cgroup).get(file);
        if (limit == null) {
            throw new KernelError(Errno.ENOENT);
        }
        return limit.equals(PageLimit.MAX.roundedDown(pages(size(file)))) ? "max" : Long.toString(limit.bytes());
    }

    @Override
    public void write(Cgroup cgroup, String file, String text) {
        if (!file.endsWith(".max")) {
            throw new KernelError(Errno.EINVAL);
        }
        of(cgroup).put(file, PageLimit.parse(text).roundedDown(pages(size(file))));
        cgroup.changed = true;
    }

    private Map<String, PageLimit> of(Cgroup cgroup) {
        Map<String, PageLimit> byFile = limits.get(cgroup);
        if (byFile == null) {
            throw new KernelError(Errno.ENOENT);
        }
        return byFile;
    }

    private static HugePageSize size(String file) {
        return HugePageSize.parse(file.split("\\.", -1)[1]);
    }

    private static long pages(HugePageSize size) {
        return Math.max(1, size.bytes() / PageLimit.PAGE_BYTES);
    }
}
