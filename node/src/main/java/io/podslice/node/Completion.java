package io.podslice.node;

/** What the door tells the brain once the runtime has answered a request that was let through. */
public interface Completion {

    /** For requests that leave nothing to be done afterwards. */
    Completion NONE = new Completion() {
        @Override
        public void succeeded(String id) {}

        @Override
        public void failed() {}
    };

    /**
     * The runtime did what it was asked.
     *
     * @param id the sandbox's or container's id from the reply; the request's own id where the reply has none
     * @throws RefusedException if what had to follow could not be done; all of it has been undone
     */
    void succeeded(String id) throws RefusedException;

    /** The runtime refused, was cancelled or went away: what was reserved for the request is given back. */
    void failed();
}
