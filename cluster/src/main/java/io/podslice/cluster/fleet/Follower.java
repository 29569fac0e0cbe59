package io.podslice.cluster.fleet;

/**
 * Takes a collection, and then its changes. For one thread.
 *
 * @param <T> the objects
 */
public interface Follower<T> extends Taker<T> {

    /** Hears that the whole collection has come, as it was at one moment. Changes come from there on, or it begins anew. */
    void complete(FleetCount count);

    /** Takes an object that is new or has changed. */
    void changed(T object);

    /** Takes an object that is gone, as it was last. */
    void deleted(T object);

    /** Hears of a failure that is no end: of a watch that is tried again, or of an object that cannot be read. */
    void failed(String why);
}
