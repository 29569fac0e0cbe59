package io.podslice.agent.record;

/**
 * The figures of a recording.
 *
 * @param entries entries written since podslice started
 * @param bytes bytes of these, with what stands around them
 * @param failures writes that failed since podslice started
 * @param size bytes of all segments now
 */
public record RecorderFigures(long entries, long bytes, long failures, long size) {}
