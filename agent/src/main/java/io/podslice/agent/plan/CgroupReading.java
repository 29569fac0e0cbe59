package io.podslice.agent.plan;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.HugePageSize;
import io.podslice.managers.pod.LinuxResources;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads from a cgroup tree the files that a plan shows, by level, in the order in which it shows them. */
final class CgroupReading {
    private static final String PATH = "path";

    private final CgroupFiles tree;
    private final CgroupPath cgroup;
    private final Map<String, String> files = new LinkedHashMap<>();

    private CgroupReading(CgroupFiles tree, CgroupPath cgroup) {
        this.tree = tree;
        this.cgroup = cgroup;
    }

    /**
     * Reads a pod's cgroup: its path, then its files. A CPU set and memory protection are left out where there are none.
     *
     * @param pages the sizes of huge pages that the machine has
     * @param kept names of files that the brain keeps, among them those of other sizes of huge pages
     */
    static Map<String, String> pod(
            CgroupFiles tree, CgroupPath cgroup, List<HugePageSize> pages, Collection<String> kept) {
        CgroupReading reading = new CgroupReading(tree, cgroup);
        SortedSet<HugePageSize> sizes = new TreeSet<>(pages);
        for (String file : kept) {
            if (file.startsWith("hugetlb.")) {
                sizes.add(HugePageSize.parse(file.split("\\.", -1)[1]));
            }
        }
        reading.files.put(PATH, cgroup.toString());
        reading.addUnless("", CgroupFile.CPUSET_CPUS);
        reading.add(CgroupFile.CPU_MAX, CgroupFile.CPU_WEIGHT, CgroupFile.MEMORY_MAX);
        reading.addProtection();
        sizes.forEach(size -> reading.add(size.limitFile()));
        return reading.files;
    }

    /**
     * Reads a container's cgroup. Its weight and limits of huge pages are left out where the runtime was not asked to
     * set them.
     *
     * @param resources what the runtime was asked for
     */
    static Map<String, String> container(CgroupFiles tree, CgroupPath cgroup, LinuxResources resources) {
        CgroupReading reading = new CgroupReading(tree, cgroup);
        SortedSet<HugePageSize> sizes = new TreeSet<>();
        resources.hugepageLimits().keySet().forEach(size -> sizes.add(HugePageSize.parse(size)));
        reading.add(CgroupFile.CPUSET_CPUS, CgroupFile.CPUSET_MEMS, CgroupFile.CPU_MAX);
        if (resources.cpuShares() > 0) {
            reading.add(CgroupFile.CPU_WEIGHT);
        }
        reading.add(CgroupFile.MEMORY_MAX);
        sizes.forEach(size -> reading.add(size.limitFile()));
        reading.addProtection();
        return reading.files;
    }

    /** Reads the cgroup of a QoS class: its path, then its files. */
    static Map<String, String> ofClass(CgroupFiles tree, CgroupPath cgroup) {
        CgroupReading reading = new CgroupReading(tree, cgroup);
        reading.files.put(PATH, cgroup.toString());
        reading.addUnless("", CgroupFile.CPUSET_CPUS);
        reading.add(CgroupFile.CPU_WEIGHT);
        reading.addUnless("0", CgroupFile.MEMORY_LOW);
        return reading.files;
    }

    /** Reads the protection of the kubepods cgroup: its path, then its files; nothing where no memory is protected. */
    static Map<String, String> kubepods(CgroupFiles tree, CgroupPath cgroup) {
        CgroupReading reading = new CgroupReading(tree, cgroup);
        if (!tree.read(cgroup, CgroupFile.MEMORY_MIN).equals("0")) {
            reading.files.put(PATH, cgroup.toString());
            reading.add(CgroupFile.MEMORY_MIN, CgroupFile.MEMORY_LOW);
        }
        return reading.files;
    }

    private void addProtection() {
        addUnless("max", CgroupFile.MEMORY_HIGH);
        addUnless("0", CgroupFile.MEMORY_LOW);
        addUnless("0", CgroupFile.MEMORY_MIN);
    }

    private void add(String... names) {
        for (String name : names) {
            files.put(name, tree.read(cgroup, name));
        }
    }

    private void addUnless(String unset, String file) {
        String value = tree.read(cgroup, file);
        if (!value.equals(unset)) {
            files.put(file, value);
        }
    }
}
