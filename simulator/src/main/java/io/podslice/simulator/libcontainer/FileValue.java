package io.podslice.simulator.libcontainer;

/**
 * A value for a file of a cgroup.
 *
 * @param file e.g. {@code cpu.max}
 * @param value as the file takes it
 */
public record FileValue(String file, String value) {}
