package io.podslice.cluster.fleet;

import io.podslice.cluster.apiserver.ObjectList.Outcome;

/**
 * The objects of a collection that has been read.
 *
 * @param objects the number of objects that were given on
 * @param others the number of objects of other shards, which the server has sent too
 * @param unreadable the number of objects that could not be read, and were left out
 * @param firstProblem the reason for the first of them; empty where there is none
 * @param outcome the way in which the collection has come
 */
public record FleetCount(int objects, int others, int unreadable, String firstProblem, Outcome outcome) {}
