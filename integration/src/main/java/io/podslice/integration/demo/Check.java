package io.podslice.integration.demo;

/**
 * Something that was asked for, and whether the files say it.
 *
 * @param what it, as a person says it
 * @param holds whether it is so
 * @param seen what the files say
 */
record Check(String what, boolean holds, String seen) {}
