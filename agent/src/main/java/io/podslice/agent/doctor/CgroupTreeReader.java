package io.podslice.agent.doctor;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.host.HostFiles;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the cgroup tree of a node as files, so that a copy of a node's files can be read too. */
final class CgroupTreeReader {
    private final HostFiles files;
    private final Configuration.Cgroups paths;
    private final List<String> unreadable;

    /** @param unreadable takes a line for each file that is there and cannot be read */
    CgroupTreeReader(HostFiles files, Configuration.Cgroups paths, List<String> unreadable) {
        this.files = files;
        this.paths = paths;
        this.unreadable = unreadable;
    }

    NodeRecord.Cgroups read() {
        Map<CgroupDriver, String> kubepods = new EnumMap<>(CgroupDriver.class);
        for (CgroupDriver driver : CgroupDriver.values()) {
            spelled(driver)
                    .filter(path -> files.exists(paths.root() + path.value()))
                    .ifPresent(path -> kubepods.put(driver, path.value()));
        }
        String pods = kubepods.getOrDefault(
                paths.driver().orElse(CgroupDriver.SYSTEMD), kubepods.getOrDefault(CgroupDriver.CGROUPFS, ""));
        return new NodeRecord.Cgroups(
                // cgroup v1 has no such file in any folder, and cgroup v2 has it in each.
                files.exists(paths.root() + "/" + CgroupFile.CONTROLLERS),
                words(paths.root() + "/" + CgroupFile.CONTROLLERS),
                kubepods,
                pods.isEmpty() ? List.of() : words(paths.root() + pods + "/" + CgroupFile.CONTROLLERS),
                !pods.isEmpty() && files.exists(paths.root() + pods + "/" + CgroupFile.CPUSET_CPUS_EXCLUSIVE),
                hasSlicesDropIn());
    }

    private Optional<CgroupPath> spelled(CgroupDriver driver) {
        try {
            return Optional.of(paths.layout(driver).kubepods());
        } catch (IllegalArgumentException unspeakable) {
            return Optional.empty(); // The kubelet with that driver refuses such a name too.
        }
    }

    /** Tells if systemd/slices has written its drop-in: a-kubepods-.slice.d for the slice a-kubepods.slice. */
    private boolean hasSlicesDropIn() {
        return spelled(CgroupDriver.SYSTEMD)
                .map(CgroupPath::name)
                .filter(name -> name.endsWith(".slice"))
                .map(name -> name.substring(0, name.length() - ".slice".length()))
                .filter(prefix -> files.exists("/etc/systemd/system/" + prefix + "-.slice.d/10-podslice.conf")
                        || files.exists("/usr/lib/systemd/system/" + prefix + "-.slice.d/10-podslice.conf"))
                .isPresent();
    }

    private List<String> words(String path) {
        try {
            String text = files.text(path).orElse("").strip();
            return text.isEmpty() ? List.of() : List.of(text.split("\\s+", -1));
        } catch (IOException e) {
            unreadable.add(String.valueOf(e.getMessage()));
            return List.of();
        }
    }
}
