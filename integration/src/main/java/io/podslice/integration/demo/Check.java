package io.podslice.integration.demo;

/**
 * One expectation of the demo, compared with the cgroup files.
 *
 * @param what the expectation, in words
 * @param holds true if the files agree
 * @param seen the text of the files
 */
record Check(String what, boolean holds, String seen) {}
