package io.podslice.simulator.libcontainer;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.proto.cri.v1.CgroupDriver;
import java.util.List;

/** libcontainer's driver that makes directories and writes files, and nothing else. */
public final class CgroupfsLibcontainer extends Libcontainer {

    /** @param files the cgroup tree */
    public CgroupfsLibcontainer(CgroupFiles files) {
        super(files);
    }

    @Override
    public CgroupDriver driver() {
        return CgroupDriver.CGROUPFS;
    }

    @Override
    boolean make(CgroupPath path) {
        return mkdir(path);
    }

    @Override
    public void set(CgroupPath path, List<FileValue> values) {
        values.forEach(one -> files().write(path, one.file(), one.value()));
    }

    @Override
    public void remove(CgroupPath path) {
        rmdir(path);
    }
}
