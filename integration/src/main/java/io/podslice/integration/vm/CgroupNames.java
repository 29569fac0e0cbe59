package io.podslice.integration.vm;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.KernelCgroupFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The names of pods' cgroups under each of the kubelet's cgroup drivers, by the kubelet's and containerd's rules and with
 * nothing of podslice: with systemd every cgroup has the names of those above it in its own.
 */
enum CgroupNames {
    /** As {@code /kubepods/burstable/podUID/ID}. */
    CGROUPFS,
    /** As {@code /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice/cri-containerd-ID.scope}. */
    SYSTEMD;

    /** The VM's settings, of integration/vm/vm. */
    private static final Path SETTINGS = Path.of("/etc/vm.conf");

    /** Returns the names of the driver with which this VM's containerd was started. */
    static CgroupNames here() {
        try {
            return Files.readString(SETTINGS).contains("VM_DRIVER=systemd") ? SYSTEMD : CGROUPFS;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + SETTINGS, e);
        }
    }

    /**
     * Returns the directory of a pod, a class, or all pods.
     *
     * @param path its name with the cgroupfs driver, such as {@code /kubepods/burstable}
     */
    String directory(String path) {
        if (this == CGROUPFS) {
            return path;
        }
        StringBuilder directory = new StringBuilder();
        String name = "";
        for (String component : Arrays.stream(path.split("/", -1))
                .filter(text -> !text.isEmpty())
                .toList()) {
            // A dash means a level: the kubelet's escape for one within a component.
            String escaped = component.replace('-', '_');
            name = name.isEmpty() ? escaped : name + "-" + escaped;
            directory.append('/').append(name).append(".slice");
        }
        return directory.toString();
    }

    /** Returns the directory of a pod, a class, or all pods, as {@link #directory} does. */
    CgroupPath path(String path) {
        return new CgroupPath(directory(path));
    }

    /** Returns the cgroup tree as the kubelet writes it: systemd is asked where it is the driver. */
    CgroupFiles kubeletsFiles() {
        return this == CGROUPFS ? new KernelCgroupFiles(Path.of("/sys/fs/cgroup")) : new KubeletSlices();
    }

    /** Returns the directory of a container or a sandbox, below its pod's directory. */
    String container(String pod, String id) {
        return this == CGROUPFS ? pod + "/" + id : pod + "/cri-containerd-" + id + ".scope";
    }
}
