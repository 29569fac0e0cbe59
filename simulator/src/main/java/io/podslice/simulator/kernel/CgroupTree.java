package io.podslice.simulator.kernel;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.machine.Machine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The cgroup tree: creates and removes cgroups, enables controllers, moves processes. Not thread-safe. */
final class CgroupTree {
    private final List<Controller> controllers;
    private final CpusetController cpuset;
    private final MemoryController memory = new MemoryController();
    private final PidsController pids = new PidsController();
    private final CoreFiles core = new CoreFiles(this);
    private final Cgroup root = new Cgroup(CgroupPath.ROOT, null);
    private final Map<Integer, Cgroup> processes = new HashMap<>();

    CgroupTree(Machine machine) {
        cpuset = new CpusetController(machine);
        // In the kernel's order, which the files show.
        controllers = List.of(
                cpuset,
                new CpuController(),
                new FilelessController("io"),
                memory,
                new HugetlbController(machine.hugePageSizes()),
                pids,
                new FilelessController("rdma"),
                new FilelessController("misc"));
        for (Controller controller : controllers) {
            controller.enabled(root);
        }
    }

    Cgroup root() {
        return root;
    }

    CpusetController cpuset() {
        return cpuset;
    }

    MemoryController memory() {
        return memory;
    }

    @Nullable
    Controller controller(String name) {
        for (Controller controller : controllers) {
            if (controller.name().equals(name)) {
                return controller;
            }
        }
        return null;
    }

    List<Controller> inOrder(Collection<Controller> some) {
        return controllers.stream().filter(some::contains).toList();
    }

    /** Returns the controllers that have files in the cgroup, which it can enable for its children. */
    List<Controller> enabledIn(Cgroup cgroup) {
        return cgroup.parent == null ? controllers : inOrder(cgroup.parent.subtreeControl);
    }

    @Nullable
    Cgroup find(CgroupPath path) {
        Cgroup cgroup = root;
        if (path.equals(CgroupPath.ROOT)) {
            return root;
        }
        for (String name : path.value().substring(1).split("/", -1)) {
            cgroup = cgroup.children.get(name);
            if (cgroup == null) {
                return null;
            }
        }
        return cgroup;
    }

    Cgroup get(CgroupPath path) {
        Cgroup cgroup = find(path);
        if (cgroup == null) {
            throw new KernelError(Errno.ENOENT);
        }
        return cgroup;
    }

    void create(CgroupPath path) {
        CgroupPath parentPath = path.parent().orElseThrow(() -> new KernelError(Errno.EEXIST));
        Cgroup parent = get(parentPath);
        if (parent.children.containsKey(path.name()) || files(parent).contains(path.name())) {
            throw new KernelError(Errno.EEXIST);
        }
        int level = 0;
        for (Cgroup above = parent; above != null; above = above.parent) {
            if (above.descendants() >= above.maxDescendants || level >= above.maxDepth) {
                throw new KernelError(Errno.EAGAIN);
            }
            level++;
        }
        Cgroup cgroup = new Cgroup(path, parent);
        parent.children.put(path.name(), cgroup);
        for (Controller controller : enabledIn(cgroup)) {
            controller.enabled(cgroup);
        }
        cgroup.markChangedUpwards();
    }

    void remove(CgroupPath path) {
        Cgroup cgroup = get(path);
        Cgroup parent = cgroup.parent;
        if (parent == null || !cgroup.processes.isEmpty() || !cgroup.children.isEmpty()) {
            throw new KernelError(Errno.EBUSY);
        }
        for (Controller controller : enabledIn(cgroup)) {
            controller.disabled(cgroup);
        }
        parent.children.remove(path.name());
        parent.markChangedUpwards();
    }

    void setSubtreeControl(Cgroup cgroup, List<Controller> enable, List<Controller> disable) {
        for (Cgroup child : cgroup.children.values()) {
            disable.forEach(controller -> controller.disabled(child));
        }
        disable.forEach(cgroup.subtreeControl::remove);
        cgroup.subtreeControl.addAll(enable);
        for (Cgroup child : cgroup.children.values()) {
            enable.forEach(controller -> controller.enabled(child));
        }
        cgroup.markChangedDownwards();
    }

    List<String> files(Cgroup cgroup) {
        List<String> files = new ArrayList<>(CoreFiles.files(cgroup));
        for (Controller controller : enabledIn(cgroup)) {
            files.addAll(controller.files(cgroup));
        }
        return files;
    }

    String read(Cgroup cgroup, String file) {
        Controller owner = owner(cgroup, file);
        return owner == null ? core.read(cgroup, file) : owner.read(cgroup, file);
    }

    void write(Cgroup cgroup, String file, String text) {
        Controller owner = owner(cgroup, file);
        if (owner == null) {
            core.write(cgroup, file, text);
        } else {
            owner.write(cgroup, file, text);
        }
    }

    /** Returns the controller that a file belongs to; null for a core file. */
    private @Nullable Controller owner(Cgroup cgroup, String file) {
        if (CoreFiles.files(cgroup).contains(file)) {
            return null;
        }
        for (Controller controller : enabledIn(cgroup)) {
            if (controller.files(cgroup).contains(file)) {
                return controller;
            }
        }
        throw new KernelError(Errno.ENOENT);
    }

    /** Starts a process in a cgroup, as clone(2) into a cgroup does; it meets the same rules as a move. */
    void start(int pid, Cgroup cgroup) {
        if (processes.containsKey(pid)) {
            throw new IllegalArgumentException("process " + pid + " exists already");
        }
        checkAttach(cgroup);
        put(pid, cgroup);
    }

    void move(int pid, Cgroup cgroup) {
        Cgroup from = processes.get(pid);
        if (from == null) {
            throw new KernelError(Errno.ESRCH);
        }
        checkAttach(cgroup);
        exit(pid);
        put(pid, cgroup);
    }

    private void put(int pid, Cgroup cgroup) {
        processes.put(pid, cgroup);
        cgroup.processes.add(pid);
        pids.attached(cgroup);
        cgroup.markChangedUpwards();
        cgroup.markChangedDownwards();
    }

    private void checkAttach(Cgroup cgroup) {
        if (!cgroup.isValidDomain()) {
            throw new KernelError(Errno.ENOTSUP);
        }
        if (!cgroup.canBeThreadRoot() && !cgroup.subtreeControl.isEmpty()) {
            throw new KernelError(Errno.EBUSY);
        }
        for (Controller controller : enabledIn(cgroup)) {
            controller.checkAttach(cgroup);
        }
    }

    /** Ends a process; does nothing if there is none of that number. */
    void exit(int pid) {
        Cgroup cgroup = processes.remove(pid);
        if (cgroup != null) {
            cgroup.processes.remove(pid);
            cgroup.markChangedUpwards();
            cgroup.markChangedDownwards();
        }
    }

    /** Ends every process in the cgroup and below it. */
    void kill(Cgroup cgroup) {
        List.copyOf(cgroup.processes).forEach(this::exit);
        cgroup.children.values().forEach(this::kill);
    }

    @Nullable
    Cgroup cgroupOf(int pid) {
        return processes.get(pid);
    }
}
