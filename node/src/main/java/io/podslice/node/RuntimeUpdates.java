package io.podslice.node;

import io.podslice.managers.pod.LinuxResources;

/**
 * Tells the runtime of resources that podslice has given to containers directly, so that the runtime's own records stay
 * right.
 */
public interface RuntimeUpdates {

    /** Updates nothing: for a node whose runtime cannot be told, so that only the cgroups have the new values. */
    RuntimeUpdates NONE = new RuntimeUpdates() {
        @Override
        public boolean isConnected() {
            return false;
        }

        @Override
        public boolean update(String containerId, LinuxResources resources) {
            return false;
        }

        @Override
        public long storedMemoryLimit(String containerId) {
            return 0;
        }
    };

    /** Tells if there is a runtime to update at all, even if it does not answer now. */
    boolean isConnected();

    /**
     * Tells the runtime a container's resources, which the container's cgroup has already. May block; called without
     * the brain's lock.
     *
     * @param resources all of the container's resources that podslice knows; a zero or empty field leaves the runtime's
     *     record as it is
     * @return true if the runtime has taken them, or knows no such container; false if it must be told again
     */
    boolean update(String containerId, LinuxResources resources);

    /**
     * Returns the memory limit that the runtime has stored for a container, and writes with each update that names no
     * other. May block; called without the brain's lock.
     *
     * @return bytes; 0 if the runtime has stored none, or does not say
     */
    long storedMemoryLimit(String containerId);
}
