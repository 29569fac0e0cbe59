package io.podslice.simulator.kernel;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.machine.Machine;
import java.util.List;

/** The cpuset.* files: the CPUs and memory nodes that processes may use. */
final class CpusetController implements Controller {
    /** The number of memory nodes that a Debian kernel can number. */
    private static final int MAX_NODES = 1024;

    private static final List<String> ROOT_FILES =
            List.of("cpuset.cpus.effective", "cpuset.cpus.isolated", "cpuset.mems.effective");
    private static final List<String> FILES = List.of(
            "cpuset.cpus",
            "cpuset.cpus.effective",
            "cpuset.cpus.exclusive",
            "cpuset.cpus.exclusive.effective",
            "cpuset.cpus.partition",
            "cpuset.mems",
            "cpuset.mems.effective");

    private final CpusetTree tree;
    private final CpusetPartitions partitions;

    CpusetController(Machine machine) {
        tree = new CpusetTree(machine);
        partitions = new CpusetPartitions(tree);
    }

    /**
     * Takes CPUs online and offline. Each cpuset keeps what was written to it, and has its CPUs again when they come back;
     * one whose CPUs are all offline has those of its parent meanwhile.
     */
    void online(CpuSet cpus) {
        tree.online = cpus.intersection(tree.possible);
        tree.refresh();
    }

    @Override
    public String name() {
        return "cpuset";
    }

    @Override
    public boolean isThreaded() {
        return true;
    }

    @Override
    public void enabled(Cgroup cgroup) {
        tree.add(cgroup);
        tree.refresh();
    }

    @Override
    public void disabled(Cgroup cgroup) {
        Cpuset cpuset = own(cgroup);
        if (cpuset.valid) {
            partitions.setType(cpuset, PartitionType.MEMBER);
        }
        tree.remove(cgroup);
        tree.refresh();
    }

    @Override
    public List<String> files(Cgroup cgroup) {
        return cgroup.isRoot() ? ROOT_FILES : FILES;
    }

    @Override
    public void checkAttach(Cgroup cgroup) {
        if (own(cgroup).effective.isEmpty()) {
            throw new KernelError(Errno.ENOSPC);
        }
    }

    @Override
    public String read(Cgroup cgroup, String file) {
        Cpuset cpuset = own(cgroup);
        return switch (file) {
            case "cpuset.cpus" -> cpuset.cpus.toString();
            case "cpuset.cpus.effective" -> cpuset.effective.toString();
            case "cpuset.cpus.exclusive" -> cpuset.exclusive.toString();
            case "cpuset.cpus.exclusive.effective" -> cpuset.exclusiveEffective.toString();
            case "cpuset.cpus.partition" -> cpuset.partitionText();
            case "cpuset.cpus.isolated" -> tree.isolated().toString();
            case "cpuset.mems" -> cpuset.mems.toString();
            case "cpuset.mems.effective" -> cpuset.memsEffective.toString();
            default -> throw new KernelError(Errno.ENOENT);
        };
    }

    @Override
    public void write(Cgroup cgroup, String file, String text) {
        Cpuset cpuset = own(cgroup);
        String value = text.strip();
        switch (file) {
            case "cpuset.cpus" -> {
                CpuSet cpus = cpus(value);
                if (!tree.possible.containsAll(cpus)) {
                    throw new KernelError(Errno.EINVAL);
                }
                partitions.setCpus(cpuset, cpus);
            }
            case "cpuset.cpus.exclusive" -> partitions.setExclusive(cpuset, cpus(value));
            case "cpuset.cpus.partition" -> partitions.setType(cpuset, type(value));
            case "cpuset.mems" -> setMems(cpuset, KernelList.parse(value, MAX_NODES));
            default -> throw new KernelError(Errno.EINVAL);
        }
        tree.refresh();
        cgroup.changed = true;
    }

    private CpuSet cpus(String value) {
        return KernelList.parse(value, tree.possible.last() + 1);
    }

    private static PartitionType type(String value) {
        for (PartitionType type : PartitionType.values()) {
            if (type.text.equals(value)) {
                return type;
            }
        }
        throw new KernelError(Errno.EINVAL);
    }

    private void setMems(Cpuset cpuset, CpuSet mems) {
        if (!tree.possibleNodes.containsAll(mems)) {
            throw new KernelError(Errno.EINVAL);
        }
        if (mems.isEmpty() && !cpuset.mems.isEmpty() && cpuset.cgroup.isPopulated()) {
            throw new KernelError(Errno.ENOSPC);
        }
        cpuset.mems = mems;
    }

    /** Returns the CPUs that a process in the cgroup may run on: those of the nearest cpuset upwards that has any. */
    CpuSet cpusAllowed(Cgroup cgroup) {
        Cpuset cpuset = tree.of(cgroup);
        while (cpuset.effective.isEmpty() && !cpuset.isRoot()) {
            cpuset = cpuset.parent();
        }
        return cpuset.effective;
    }

    /** Returns the memory nodes that a process in the cgroup may use. */
    CpuSet memsAllowed(Cgroup cgroup) {
        return tree.of(cgroup).memsEffective;
    }

    private Cpuset own(Cgroup cgroup) {
        Cpuset cpuset = tree.get(cgroup);
        if (cpuset == null) {
            throw new KernelError(Errno.ENOENT);
        }
        return cpuset;
    }
}
