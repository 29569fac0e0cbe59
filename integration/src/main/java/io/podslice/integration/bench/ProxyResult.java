package io.podslice.integration.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bin/bench proxy} measured.
 *
 * @param rows latency, one row for each kind of call and number of callers
 * @param figures everything that is one number
 * @param circumstances what the machine did meanwhile
 */
record ProxyResult(List<Row> rows, List<Figure> figures, Circumstances circumstances) {

    /**
     * Latencies in microseconds, medians over the rounds.
     *
     * @param work the kind of call
     * @param callers calls under way at once
     * @param direct to the runtime itself
     * @param through through what was measured
     * @param addedMicros median over the rounds of the difference between the two medians of a round
     * @param ratio median over the rounds of through over direct, both medians of one round
     * @param spread half of the rounds had a ratio within this
     * @param target the most that the ratio may be; null where none is set
     */
    record Row(
            String work,
            int callers,
            Latency direct,
            Latency through,
            double addedMicros,
            double ratio,
            Range spread,
            @Nullable Double target) {

        @JsonProperty
        boolean missed() {
            return target != null && ratio > target;
        }
    }

    record Latency(double medianMicros, double p99Micros) {}

    record Range(double low, double high) {}

    /**
     * @param name what was measured
     * @param value the number
     * @param unit of value and target
     * @param target the most that it may be; null where none is set
     */
    record Figure(
            String name,
            double value,
            String unit,
            @Nullable Double target) {

        @JsonProperty
        boolean missed() {
            return target != null && value > target;
        }
    }

    /**
     * @param rounds for each row
     * @param processors of the machine
     * @param othersShare share (0 to 1) of the machine's processor time that went to neither load nor shim
     * @param stolenShare share that the hypervisor gave to somebody else
     * @param collectionMillis pauses of the client's own garbage collector, all together
     */
    record Circumstances(int rounds, int processors, double othersShare, double stolenShare, long collectionMillis) {}

    @JsonProperty
    boolean missed() {
        return rows.stream().anyMatch(Row::missed) || figures.stream().anyMatch(Figure::missed);
    }
}
