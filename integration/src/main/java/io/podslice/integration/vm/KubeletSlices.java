package io.podslice.integration.vm;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.KernelCgroupFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The kubelet's own cgroups on a node with systemd, by systemd's programs and with nothing of podslice: as libcontainer
 * does, a value with a property goes to systemd and then into the file.
 */
final class KubeletSlices implements CgroupFiles {
    private static final Map<String, String> PROPERTIES =
            Map.of("cpu.weight", "CPUWeight", "memory.max", "MemoryMax", "pids.max", "TasksMax");

    private final CgroupFiles kernel = new KernelCgroupFiles(Path.of("/sys/fs/cgroup"));

    @Override
    public String read(CgroupPath dir, String file) {
        return kernel.read(dir, file);
    }

    @Override
    public void write(CgroupPath dir, String file, String value) {
        if (file.equals("cpu.max")) {
            long quota = Long.parseLong(value.substring(0, value.indexOf(' ')));
            long period = Long.parseLong(value.substring(value.indexOf(' ') + 1));
            var _ = Systemd.ctl(
                    "set-property",
                    "--runtime",
                    unit(dir),
                    "CPUQuota=" + quota * 100 / period + "%",
                    "CPUQuotaPeriodSec=" + period + "us");
        } else if (PROPERTIES.containsKey(file)) {
            String text = value.equals("max") ? "infinity" : value;
            var _ = Systemd.ctl("set-property", "--runtime", unit(dir), PROPERTIES.get(file) + "=" + text);
        }
        kernel.write(dir, file, value);
    }

    @Override
    public boolean exists(CgroupPath dir) {
        return kernel.exists(dir);
    }

    @Override
    public boolean hasFile(CgroupPath dir, String file) {
        return kernel.hasFile(dir, file);
    }

    /** Starts the slice with libcontainer's properties, and returns once its directory is there. */
    @Override
    public void create(CgroupPath dir) {
        Systemd.call("StartTransientUnit ssa(sv)a(sa(sv)) " + unit(dir) + " replace 5 MemoryAccounting b true"
                + " CPUAccounting b true IOAccounting b true TasksAccounting b true DefaultDependencies b false 0");
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!kernel.exists(dir)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("systemd did not make " + dir + " in a minute");
            }
            pause();
        }
    }

    @Override
    public void remove(CgroupPath dir) {
        var _ = Systemd.ctl("stop", unit(dir));
    }

    @Override
    public List<String> children(CgroupPath dir) {
        return kernel.children(dir);
    }

    private static String unit(CgroupPath dir) {
        return dir.value().substring(dir.value().lastIndexOf('/') + 1);
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted", e));
        }
    }
}
