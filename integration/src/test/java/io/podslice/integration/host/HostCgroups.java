package io.podslice.integration.host;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A simulated cgroup v2 tree whose containers are this machine's: they appear in it when the runtime has started them,
 * with the CPUs that the runtime gave them, and CPUs that are written here apply to their processes. So a machine with
 * cgroup v1 shows what podslice itself does to a container, not only what the runtime does for it.
 */
final class HostCgroups implements CgroupFiles {
    private static final long PAUSE_MILLIS = 20;
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    private static final String CPUS = "cpuset.cpus";

    private final SimulatedCgroups tree;

    /** This machine's folder of cpusets, of cgroup v1 or v2. */
    private final Path host;

    /** The main process of each container that is in the tree. */
    private final Map<CgroupPath, Integer> containers = new TreeMap<>();

    /** Each container's CPUs on this machine, as last seen or written. */
    private final Map<CgroupPath, String> seen = new HashMap<>();

    private final Thread thread;
    private volatile boolean over;
    private volatile @Nullable RuntimeException failure;

    HostCgroups(SimulatedCgroups tree) {
        this.tree = tree;
        Path first = Path.of("/sys/fs/cgroup/cpuset");
        this.host = Files.isDirectory(first) ? first : Path.of("/sys/fs/cgroup");
        this.thread = Thread.ofPlatform().daemon().name("host cgroups").start(this::run);
    }

    private void run() {
        try {
            while (!over) {
                meet();
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            failure = new UncheckedIOException(e);
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private synchronized void meet() throws IOException {
        for (Map.Entry<CgroupPath, Integer> container : List.copyOf(containers.entrySet())) {
            if (pid(container.getKey()) == 0) {
                tree.exit(container.getValue());
                tree.remove(container.getKey());
                containers.remove(container.getKey());
                seen.remove(container.getKey());
            }
        }
        for (CgroupPath pod : children(folder(KUBEPODS), KUBEPODS)) {
            if (tree.exists(pod)) {
                for (CgroupPath container : children(folder(pod), pod)) {
                    meet(pod, container);
                }
            }
        }
    }

    private void meet(CgroupPath pod, CgroupPath container) throws IOException {
        int pid = pid(container);
        if (pid == 0) {
            return;
        }
        if (!containers.containsKey(container)) {
            tree.write(pod, "cgroup.subtree_control", "+cpu +cpuset +memory");
            tree.create(container);
            tree.start(pid, container);
            containers.put(container, pid);
        }
        String cpus;
        try {
            cpus = Files.readString(folder(container).resolve(CPUS)).strip();
        } catch (IOException e) {
            throwUnlessGone(container, e);
            return;
        }
        if (!cpus.equals(seen.put(container, cpus)) && !cpus.equals(NriHost.all())) {
            tree.write(container, CPUS, cpus);
        }
    }

    private Path folder(CgroupPath path) {
        return host.resolve(path.value().substring(1));
    }

    /** Returns the first process of a cgroup, 0 if it has none or is gone. */
    private int pid(CgroupPath path) throws IOException {
        try {
            return Files.readString(folder(path).resolve("cgroup.procs"))
                    .lines()
                    .mapToInt(Integer::parseInt)
                    .min()
                    .orElse(0);
        } catch (IOException e) {
            throwUnlessGone(path, e);
            return 0;
        }
    }

    /**
     * Throws an error of a file again unless its cgroup is gone: for one that goes while its file is opened or read the
     * kernel says ENODEV, after that ENOENT.
     */
    private void throwUnlessGone(CgroupPath path, IOException e) throws IOException {
        boolean goes = e instanceof NoSuchFileException
                || String.valueOf(e.getMessage()).endsWith("No such device");
        if (!goes && Files.exists(folder(path))) {
            throw e;
        }
    }

    private static List<CgroupPath> children(Path folder, CgroupPath path) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isDirectory)
                    .map(file -> path.child(file.getFileName().toString()))
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public synchronized void write(CgroupPath dir, String file, String value) {
        tree.write(dir, file, value);
        if (file.equals(CPUS) && containers.containsKey(dir)) {
            String cpus = CpuSet.parse(tree.read(dir, "cpuset.cpus.effective")).toString();
            try {
                writeThrough(dir, cpus);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            seen.put(dir, cpus);
        }
    }

    private void writeThrough(CgroupPath dir, String cpus) throws IOException {
        try {
            Files.writeString(folder(dir).resolve(CPUS), cpus);
        } catch (IOException e) {
            throwUnlessGone(dir, e);
        }
    }

    @Override
    public String read(CgroupPath dir, String file) {
        return tree.read(dir, file);
    }

    @Override
    public boolean exists(CgroupPath dir) {
        return tree.exists(dir);
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        return tree.hasFile(dir, file);
    }

    @Override
    public void create(CgroupPath dir) {
        tree.create(dir);
    }

    @Override
    public void remove(CgroupPath dir) {
        tree.remove(dir);
    }

    @Override
    public List<String> children(CgroupPath dir) {
        return tree.children(dir);
    }

    /** Stops reading this machine; fails if an earlier read has failed. */
    void stop() throws InterruptedException {
        over = true;
        thread.join();
        RuntimeException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }
}
