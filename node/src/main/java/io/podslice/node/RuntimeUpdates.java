package io.podslice.node;

import io.podslice.managers.pod.LinuxResources;

/** Tells the runtime what containers have been given without it, so that what it keeps of them is true. */
public interface RuntimeUpdates {

    /** Of a node whose runtime cannot be told: the cgroups alone say it. */
    RuntimeUpdates NONE = new RuntimeUpdates() {
        @Override
        public boolean isConnected() {
            return false;
        }

        @Override
        public boolean update(String containerId, LinuxResources resources) {
            return false;
        }
    };

    /** Whether there is a runtime to be told at all, be it that it does not answer now. */
    boolean isConnected();

    /**
     * Tells it. May block; no lock is held. The container's cgroup says the same already.
     *
     * @param resources all that podslice knows of the container's; zero and empty: as it was
     * @return whether it knows now, or knows no such container; else it is to be told again
     */
    boolean update(String containerId, LinuxResources resources);
}
