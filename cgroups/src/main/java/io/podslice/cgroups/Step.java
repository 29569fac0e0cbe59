package io.podslice.cgroups;

import java.util.List;

/** One change to the cgroup tree, part of a {@link Plan}. The steps that undo it are known once it has been applied. */
public sealed interface Step {

    /** The cgroup that this step changes. */
    CgroupPath path();

    /** Returns one line, e.g. {@code write /kubepods/podx/cpu.max: 800000 100000}. */
    String describe();

    /** Makes the cgroup; changes nothing where it exists already. The parent must exist. */
    record CreateCgroup(CgroupPath path) implements Step {
        @Override
        public String describe() {
            return "create " + path;
        }
    }

    /**
     * Removes the cgroup; changes nothing where it is gone already. Undoing makes it again with the settings that it
     * had.
     */
    record RemoveCgroup(CgroupPath path) implements Step {
        @Override
        public String describe() {
            return "remove " + path;
        }
    }

    /**
     * Enables the controllers for the children of the cgroup, as far as its {@code cgroup.controllers} has them;
     * changes nothing for those enabled already. Never undone: an enabled controller restricts no process by itself,
     * and cgroups made since may rely on it.
     *
     * @param path the parent of the cgroups that need them
     * @param controllers names of controllers, e.g. {@code cpuset}, {@code cpu}
     */
    record EnableControllers(CgroupPath path, List<String> controllers) implements Step {
        public EnableControllers {
            controllers = List.copyOf(controllers);
        }

        @Override
        public String describe() {
            return "enable " + path + ": " + String.join(" ", controllers);
        }
    }

    /**
     * Writes the value to the cgroup's file; changes nothing where the file has that value already. Where the kernel
     * does not let {@code cpuset.cpus} or {@code cpuset.mems} be emptied, since processes live there (ENOSPC), the
     * root's whole set is written instead.
     *
     * @param file e.g. {@code cpu.max}; not a file that takes commands instead of values, such as {@code cgroup.procs}
     * @param value the value to write, in the file's own format
     * @param mayBeGone true if the cgroup may have vanished meanwhile, as a container's does when it exits; the step is
     *     then left out and reported as such, in place of failing the plan
     */
    record WriteFile(CgroupPath path, String file, String value, boolean mayBeGone) implements Step {
        public WriteFile(CgroupPath path, String file, String value) {
            this(path, file, value, false);
        }

        @Override
        public String describe() {
            return "write " + fileOf(path, file) + ": " + value;
        }
    }

    /** Returns the file's path from the mount's root, for messages. */
    static String fileOf(CgroupPath path, String file) {
        return path.equals(CgroupPath.ROOT) ? "/" + file : path + "/" + file;
    }
}
