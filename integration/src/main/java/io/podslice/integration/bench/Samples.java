package io.podslice.integration.bench;

import java.util.Arrays;
import java.util.List;

/** Latencies of one round, in nanoseconds; and the few statistics that the table needs. */
final class Samples {

    private long[] nanos;
    private int size;

    Samples(int expected) {
        nanos = new long[expected];
    }

    /** Returns the samples of all callers as one. */
    static Samples all(List<Samples> parts) {
        Samples all = new Samples(parts.stream().mapToInt(Samples::size).sum());
        for (Samples part : parts) {
            System.arraycopy(part.nanos, 0, all.nanos, all.size, part.size);
            all.size += part.size;
        }
        return all;
    }

    void add(long value) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, size * 2);
        }
        nanos[size++] = value;
    }

    int size() {
        return size;
    }

    /** Returns the value below which the given share (0 to 1) of the samples lies, in microseconds. */
    double micros(double share) {
        if (size == 0) {
            throw new BenchException("no call was completed");
        }
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(size - 1L, (long) (share * size))] / 1e3;
    }

    /** Returns the mean of all samples, in microseconds. */
    double meanMicros() {
        if (size == 0) {
            throw new BenchException("no call was completed");
        }
        return Arrays.stream(nanos, 0, size).average().orElseThrow() / 1e3;
    }

    /** Returns the median of the values; of an even number, the mean of the two in the middle. */
    static double median(double[] values) {
        return quantile(values, 0.5);
    }

    /** Returns a quantile, interpolated linearly between the two nearest values. */
    static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
