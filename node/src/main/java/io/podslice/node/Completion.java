package io.podslice.node;

/**
 * Takes the outcome of a request that was let through: the door calls exactly one of the methods once the runtime has
 * answered.
 */
public interface Completion {

    /** Does nothing: for requests after which the brain has no work left. */
    Completion NONE = new Completion() {
        @Override
        public void succeeded(String id) {}

        @Override
        public void failed() {}
    };

    /**
     * Does what had to wait until the runtime carried out the request.
     *
     * @param id the sandbox's or container's id from the reply; the request's own id where the reply has none
     * @throws RefusedException if a step of that work failed; all of its steps have been undone
     */
    void succeeded(String id) throws RefusedException;

    /** Gives back what was reserved for the request: the runtime refused it or went away, or the call was cancelled. */
    void failed();
}
