package io.podslice.cgroups;

import java.util.List;

/** One change to the cgroup tree, part of a {@link Plan}. What undoes it is known once it has been applied. */
public sealed interface Step {

    /** The cgroup that the step changes. */
    CgroupPath path();

    /** One line, e.g. {@code write /kubepods/podx/cpu.max: 800000 100000}. */
    String describe();

    /** Makes the cgroup; nothing to do where it exists already. The parent must exist. */
    record CreateCgroup(CgroupPath path) implements Step {
        @Override
        public String describe() {
            return "create " + path;
        }
    }

    /**
     * Removes the cgroup; nothing to do where it is gone already. Undone by making it again with the settings that it
     * had.
     */
    record RemoveCgroup(CgroupPath path) implements Step {
        @Override
        public String describe() {
            return "remove " + path;
        }
    }

    /**
     * Enables the controllers for the children of the cgroup, as far as they are available in it: those of them in its
     * {@code cgroup.controllers}. Nothing to do for those enabled already. Never undone: an enabled controller restricts
     * nobody by itself, and cgroups made since may rely on it.
     *
     * @param path the parent of the cgroups that need them
     * @param controllers e.g. {@code cpuset}, {@code cpu}
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
     * Writes the value to the cgroup's file; nothing to do where the file says the same already. Where the kernel does
     * not let {@code cpuset.cpus} or {@code cpuset.mems} be emptied, since processes live there (ENOSPC), all that the
     * root has is written instead.
     *
     * @param file e.g. {@code cpu.max}; not a file that takes commands instead of values, such as {@code cgroup.procs}
     * @param value what to write, in the file's own format
     * @param mayBeGone whether the cgroup may have vanished meanwhile, as a container's does when it exits; the step is
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

    /** The file's path from the mount's root, for messages. */
    static String fileOf(CgroupPath path, String file) {
        return path.equals(CgroupPath.ROOT) ? "/" + file : path + "/" + file;
    }
}
