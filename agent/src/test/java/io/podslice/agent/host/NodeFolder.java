package io.podslice.agent.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A folder with the files of a node: Debian, kubeadm, containerd 2 and the systemd driver, with podslice installed and the
 * kubelet attached to it. Sockets are plain files: what listens there is the test's.
 */
public final class NodeFolder {
    /** The kubelet's process. */
    public static final int KUBELET = 812;

    public static final String CONTAINERD = "unix:///run/containerd/containerd.sock";
    public static final String PODSLICE = "unix:///run/podslice/cri.sock";
    public static final String KUBELET_CONFIG = "/var/lib/kubelet/config.yaml";
    public static final String FLAGS_ENV = "/var/lib/kubelet/kubeadm-flags.env";
    public static final String EXTRA_ARGS = "/etc/default/kubelet";
    public static final String DROP_IN = "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf";

    private final Path root;

    public NodeFolder(Path root) {
        this.root = root;
    }

    /** Returns a node where everything is right. */
    public static NodeFolder sound(Path root) {
        return new NodeFolder(root)
                .machine()
                .cgroups()
                .kubeadm()
                .put(EXTRA_ARGS, "KUBELET_EXTRA_ARGS=--container-runtime-endpoint=" + PODSLICE + "\n")
                .kubeletRuns("--container-runtime-endpoint=" + PODSLICE)
                .podslice();
    }

    private NodeFolder machine() {
        return put("/proc/sys/kernel/osrelease", "6.12.1-amd64\n")
                .put("/proc/meminfo", "MemTotal: 16777216 kB\n")
                .put("/sys/devices/system/cpu/online", "0-7\n")
                .put("/sys/devices/system/cpu/possible", "0-7\n");
    }

    private NodeFolder cgroups() {
        String controllers = "cpuset cpu io memory hugetlb pids\n";
        return put("/sys/fs/cgroup/cgroup.controllers", controllers)
                .put("/sys/fs/cgroup/kubepods.slice/cgroup.controllers", controllers)
                .put("/sys/fs/cgroup/kubepods.slice/cpuset.cpus.exclusive", "")
                .put("/etc/systemd/system/kubepods-.slice.d/10-podslice.conf", "[Slice]\nAllowedCPUs=0-7\n")
                .put("/run/containerd/containerd.sock", "")
                .mode("/run/containerd/containerd.sock", "rw-rw----")
                .put("/run/nri/nri.sock", "");
    }

    /** Adds kubeadm's unit, environment files and configuration, without an endpoint. */
    public NodeFolder kubeadm() {
        return put("/usr/lib/systemd/system/kubelet.service", """
                        [Unit]
                        Description=kubelet: The Kubernetes Node Agent

                        [Service]
                        ExecStart=/usr/bin/kubelet
                        Restart=always
                        RestartSec=10
                        """)
                .put(DROP_IN, """
                        # Note: This dropin only works with kubeadm and kubelet v1.11+
                        [Service]
                        Environment="KUBELET_KUBECONFIG_ARGS=--kubeconfig=/etc/kubernetes/kubelet.conf"
                        Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
                        EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
                        EnvironmentFile=-/etc/default/kubelet
                        ExecStart=
                        ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
                        """)
                .put(FLAGS_ENV, "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=registry.k8s.io/pause:3.10\"\n")
                .put(KUBELET_CONFIG, """
                        apiVersion: kubelet.config.k8s.io/v1beta1
                        kind: KubeletConfiguration
                        cgroupDriver: systemd
                        cpuManagerPolicy: none
                        """);
    }

    /** Lets the kubelet run with kubeadm's flags and these more. */
    public NodeFolder kubeletRuns(String... flags) {
        return put(
                "/proc/" + KUBELET + "/cmdline",
                "/usr/bin/kubelet\0--kubeconfig=/etc/kubernetes/kubelet.conf\0--config=/var/lib/kubelet/config.yaml\0"
                        + "--pod-infra-container-image=registry.k8s.io/pause:3.10\0"
                        + (flags.length == 0 ? "" : String.join("\0", flags) + "\0"));
    }

    private NodeFolder podslice() {
        return put("/etc/systemd/system/podslice.service", "[Service]\nExecStart=/opt/podslice/bin/podslice serve\n")
                .link("/etc/systemd/system/multi-user.target.wants/podslice.service", "../podslice.service")
                .put("/etc/podslice/podslice.yaml", configuration(""))
                .put("/run/podslice/cri.sock", "")
                .mode("/run/podslice/cri.sock", "rw-rw----")
                .put("/run/podslice/podslice.sock", "")
                .mode("/run/podslice/podslice.sock", "rw-rw----")
                .put("/var/lib/podslice/state.json", "{}")
                .mode("/var/lib/podslice", "rwx------");
    }

    /** Returns a configuration of podslice's with those keys. */
    public static String configuration(String keys) {
        return "apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n" + keys;
    }

    /** Writes a file, with its folders. */
    public NodeFolder put(String path, String text) {
        try {
            Path file = at(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a symbolic link, with its folders. */
    public NodeFolder link(String path, String target) {
        try {
            Path file = at(path);
            Files.createDirectories(file.getParent());
            Files.createSymbolicLink(file, Path.of(target));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets a file's permissions, such as {@code rw-rw----}. */
    public NodeFolder mode(String path, String permissions) {
        try {
            Files.setPosixFilePermissions(at(path), PosixFilePermissions.fromString(permissions));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a file, or an empty folder. */
    public NodeFolder remove(String path) {
        try {
            Files.delete(at(path));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a file. */
    public String text(String path) {
        try {
            return Files.readString(at(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces a part of a file's text, which must be there. */
    public NodeFolder replace(String path, String part, String by) {
        String before = text(path);
        if (!before.contains(part)) {
            throw new IllegalArgumentException(path + " has no \"" + part + "\"");
        }
        return put(path, before.replace(part, by));
    }

    /** Returns the place of a file of the node. */
    public Path at(String path) {
        return root.resolve(path.substring(1));
    }

    /** Returns the files for the code under test. */
    public HostFiles files() {
        return new HostFiles(root);
    }
}
