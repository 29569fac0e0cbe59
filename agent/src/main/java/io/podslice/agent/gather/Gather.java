package io.podslice.agent.gather;

import io.podslice.agent.doctor.NodeRecord;
import io.podslice.agent.doctor.Report;
import io.podslice.agent.host.HostFiles;
import io.podslice.agent.machine.MachineFile;
import io.podslice.cgroups.machine.SysfsMachine;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Collects what a maintainer needs of a node. What cannot be had is named in the archive's file {@code missing.txt}, and is no reason to
 * collect less.
 */
public final class Gather {
    private static final List<String> UNITS = List.of(
            "/etc/systemd/system/podslice.service",
            "/etc/systemd/system/podslice.socket",
            "/usr/lib/systemd/system/podslice.service",
            "/usr/lib/systemd/system/podslice.socket",
            "/etc/systemd/system/kubelet.service.d/50-podslice.conf",
            "/etc/systemd/system/kubelet.service.d/90-podslice.conf",
            "/etc/default/kubelet",
            "/etc/sysconfig/kubelet",
            "/var/lib/kubelet/kubeadm-flags.env",
            "/var/lib/kubelet/config.yaml",
            "/etc/rancher/k3s/config.yaml",
            "/etc/containerd/config.toml",
            "/proc/cmdline",
            "/proc/meminfo",
            "/proc/sys/kernel/osrelease",
            "/etc/os-release",
            "/sys/fs/cgroup/cgroup.controllers",
            "/sys/fs/cgroup/cgroup.subtree_control");

    private final HostFiles files;
    private final Sources sources;
    private final List<String> missing = new ArrayList<>();

    public Gather(HostFiles files, Sources sources) {
        this.files = files;
        this.sources = sources;
    }

    /** The answers of programs and sockets, which no file has. */
    public interface Sources {
        /**
         * Returns the last lines of podslice's log.
         *
         * @throws IOException if there is no journal
         */
        String log() throws IOException;

        /**
         * Returns the status of the running podslice, as JSON.
         *
         * @throws IOException if it does not answer
         */
        String status() throws IOException;
    }

    /**
     * Collects everything and writes the archive.
     *
     * @param node what the doctor read
     * @param versions lines about the program
     * @param folder the folder's name in the archive
     * @param seconds the files' time, since 1970
     * @return the names of the files in the archive
     * @throws IOException if the stream fails
     */
    public List<String> write(NodeRecord node, String versions, String folder, long seconds, OutputStream out)
            throws IOException {
        Archive archive = new Archive(folder);
        Report report = Report.of(node);
        archive.add("doctor.txt", report.text());
        archive.add("doctor.json", report.json());
        archive.add("versions.txt", versions);
        added(archive, "status.json", sources::status);
        added(archive, "log.txt", sources::log);
        added(
                archive,
                "machine.json",
                () -> MachineFile.text(SysfsMachine.read(
                        files.at(node.configuration().cgroups().sysfs().toString()),
                        files.at(node.configuration().cgroups().procfs().toString()))));
        String config = node.service().configFile();
        if (!config.isEmpty()) {
            file(archive, config);
        }
        for (String path : UNITS) {
            file(archive, path);
        }
        String state = node.configuration().stateDir().toString();
        for (String name : List.of("state.json", "journal")) {
            end(archive, state + "/" + name);
        }
        archive.add("missing.txt", missing.isEmpty() ? "nothing\n" : String.join("\n", missing) + "\n");
        archive.write(out, seconds);
        return archive.names();
    }

    /** Something that may not be to be had. */
    private interface Supply {
        String get() throws IOException;
    }

    private void added(Archive archive, String name, Supply supply) {
        try {
            archive.add(name, Secrets.leftOut(supply.get()));
        } catch (IOException e) {
            missing.add(name + ": " + e.getMessage());
        }
    }

    /** Adds the end of a file that may be long. */
    private void end(Archive archive, String path) {
        try {
            Optional<String> text = files.tail(path, Archive.MOST_OF_FILE);
            text.ifPresent(there -> archive.add("files" + path, Secrets.leftOut(there)));
        } catch (IOException e) {
            missing.add(String.valueOf(e.getMessage()));
        }
    }

    private void file(Archive archive, String path) {
        try {
            Optional<String> text = files.text(path);
            text.ifPresent(there -> archive.add("files" + path, Secrets.leftOut(there)));
        } catch (IOException e) {
            missing.add(String.valueOf(e.getMessage()));
        }
    }
}
