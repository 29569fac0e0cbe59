package io.podslice.simulator.kernel;

import io.podslice.cgroups.Errno;
import java.util.List;

/** A controller that can be enabled and disabled, but whose files are not simulated (io, rdma, misc). */
record FilelessController(String name) implements Controller {
    @Override
    public boolean isThreaded() {
        return false;
    }

    @Override
    public void enabled(Cgroup cgroup) {}

    @Override
    public void disabled(Cgroup cgroup) {}

    @Override
    public List<String> files(Cgroup cgroup) {
        return List.of();
    }

    @Override
    public String read(Cgroup cgroup, String file) {
        throw new KernelError(Errno.ENOENT);
    }

    @Override
    public void write(Cgroup cgroup, String file, String text) {
        throw new KernelError(Errno.ENOENT);
    }

    @Override
    public void checkAttach(Cgroup cgroup) {}
}
