package io.podslice.simulator.kernel;

import io.podslice.cgroups.Errno;
import java.util.List;
import java.util.stream.Collectors;

/** The cgroup.* files, and cpu.stat: every cgroup has them, with any controllers or none. */
final class CoreFiles {
    private static final List<String> ROOT_FILES = List.of(
            "cgroup.controllers",
            "cgroup.max.depth",
            "cgroup.max.descendants",
            "cgroup.procs",
            "cgroup.stat",
            "cgroup.subtree_control",
            "cpu.stat");
    private static final List<String> FILES = List.of(
            "cgroup.controllers",
            "cgroup.events",
            "cgroup.freeze",
            "cgroup.kill",
            "cgroup.max.depth",
            "cgroup.max.descendants",
            "cgroup.procs",
            "cgroup.stat",
            "cgroup.subtree_control",
            "cgroup.type",
            "cpu.stat");

    private final CgroupTree tree;

    CoreFiles(CgroupTree tree) {
        this.tree = tree;
    }

    static List<String> files(Cgroup cgroup) {
        return cgroup.isRoot() ? ROOT_FILES : FILES;
    }

    String read(Cgroup cgroup, String file) {
        return switch (file) {
            case "cgroup.controllers" -> names(tree.enabledIn(cgroup));
            case "cgroup.subtree_control" -> names(tree.inOrder(cgroup.subtreeControl));
            case "cgroup.procs" -> procs(cgroup);
            case "cgroup.events" ->
                "populated " + (cgroup.isPopulated() ? 1 : 0) + "\nfrozen " + (cgroup.isFrozen() ? 1 : 0);
            case "cgroup.freeze" -> cgroup.freeze ? "1" : "0";
            case "cgroup.max.depth" -> limit(cgroup.maxDepth);
            case "cgroup.max.descendants" -> limit(cgroup.maxDescendants);
            case "cgroup.stat" -> "nr_descendants " + cgroup.descendants() + "\nnr_dying_descendants 0";
            case "cgroup.type" -> type(cgroup);
            case "cpu.stat" -> "usage_usec 0\nuser_usec 0\nsystem_usec 0\nnice_usec 0";
            case "cgroup.kill" -> throw new KernelError(Errno.EINVAL);
            default -> throw new KernelError(Errno.ENOENT);
        };
    }

    void write(Cgroup cgroup, String file, String text) {
        String value = text.strip();
        switch (file) {
            case "cgroup.subtree_control" -> SubtreeControl.write(tree, cgroup, value);
            case "cgroup.procs" -> tree.move(pid(value), cgroup);
            case "cgroup.freeze" -> {
                int freeze = KernelNumber.signed32(value);
                if (freeze != 0 && freeze != 1) {
                    throw new KernelError(Errno.ERANGE);
                }
                cgroup.freeze = freeze == 1;
                cgroup.markChangedDownwards();
            }
            case "cgroup.kill" -> {
                if (KernelNumber.signed32(value) != 1) {
                    throw new KernelError(Errno.ERANGE);
                }
                tree.kill(cgroup);
            }
            case "cgroup.max.depth" -> cgroup.maxDepth = limit(value);
            case "cgroup.max.descendants" -> cgroup.maxDescendants = limit(value);
            // "threaded" is the only type that can be written, and thread mode is not simulated.
            default -> throw new KernelError(Errno.EINVAL);
        }
        cgroup.changed = true;
    }

    private static String procs(Cgroup cgroup) {
        return cgroup.processes.stream().map(String::valueOf).collect(Collectors.joining("\n"));
    }

    private static String names(List<Controller> controllers) {
        return controllers.stream().map(Controller::name).collect(Collectors.joining(" "));
    }

    private static String type(Cgroup cgroup) {
        if (!cgroup.isValidDomain()) {
            return "domain invalid";
        }
        return cgroup.isThreadRoot() ? "domain threaded" : "domain";
    }

    private static int pid(String value) {
        int pid;
        try {
            pid = KernelNumber.signed32(value);
        } catch (KernelError e) {
            throw new KernelError(Errno.EINVAL);
        }
        if (pid < 0) {
            throw new KernelError(Errno.EINVAL);
        }
        return pid;
    }

    private static String limit(int limit) {
        return limit == Cgroup.NO_LIMIT ? "max" : Integer.toString(limit);
    }

    private static int limit(String value) {
        int limit = value.equals("max") ? Cgroup.NO_LIMIT : KernelNumber.signed32(value);
        if (limit < 0) {
            throw new KernelError(Errno.ERANGE);
        }
        return limit;
    }
}
