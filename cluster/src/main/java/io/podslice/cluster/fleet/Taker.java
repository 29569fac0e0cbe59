package io.podslice.cluster.fleet;

/**
 * Takes the objects of a collection one by one. For one thread.
 *
 * @param <T> the objects
 */
public interface Taker<T> {

    /** Begins the collection, or begins it anew: what has come before does not count. */
    void begin();

    /** Takes an object. */
    void take(T object);
}
