package io.podslice.cgroups.systemd;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The cgroups above pods that were there at podslice's start, all pods' and the QoS classes', with the sums of protected
 * memory in their files: systemd may know older ones, of a podslice that ended while systemd did not answer.
 */
final class InheritedSums {
    private static final List<String> SUMS = List.of(CgroupFile.MEMORY_MIN, CgroupFile.MEMORY_LOW);

    private final CgroupFiles files;
    private final Set<CgroupPath> dirs = ConcurrentHashMap.newKeySet();

    private InheritedSums(CgroupFiles files) {
        this.files = files;
    }

    /** @param pods the cgroup of all pods; a directory that is no unit has no properties, and counts as none */
    static InheritedSums of(CgroupFiles files, CgroupPath pods) {
        InheritedSums sums = new InheritedSums(files);
        if (isAbovePods(pods) && files.exists(pods)) {
            sums.dirs.add(pods);
            for (String child : files.children(pods)) {
                if (isAbovePods(pods.child(child))) {
                    sums.dirs.add(pods.child(child));
                }
            }
        }
        return sums;
    }

    private static boolean isAbovePods(CgroupPath dir) {
        return UnitName.ofPath(dir)
                .filter(unit -> unit.isSlice() && unit.podUid().isEmpty())
                .isPresent();
    }

    /** Returns the cgroups whose sums systemd has not been given. */
    Set<CgroupPath> all() {
        return new LinkedHashSet<>(dirs);
    }

    /** Returns the present sums of a cgroup by file; none for a cgroup that is not among these. */
    Map<String, String> of(CgroupPath dir) {
        Map<String, String> values = new LinkedHashMap<>();
        if (dirs.contains(dir)) {
            for (String file : SUMS) {
                if (files.hasFile(dir, file)) {
                    values.put(file, files.read(dir, file).strip());
                }
            }
        }
        return values;
    }

    /** Takes out a cgroup whose sums systemd has. */
    void remove(CgroupPath dir) {
        dirs.remove(dir);
    }
}
