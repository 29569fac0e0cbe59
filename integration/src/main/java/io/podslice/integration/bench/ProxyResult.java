package io.podslice.integration.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of {@code bin/bench proxy}.
 *
 * @param rows latencies, one row for each kind of call and number of callers
 * @param figures the results that are one number
 * @param circumstances the machine's other work meanwhile
 */
record ProxyResult(List<Row> rows, List<Figure> figures, Circumstances circumstances) {

    /**
     * Latencies in microseconds, medians over the rounds.
     *
     * @param work the kind of call
     * @param callers the number of calls under way at once
     * @param direct straight to the runtime
     * @param through through the program under test
     * @param addedMicros median over the rounds of the difference between the two medians of a round
     * @param ratio median over the rounds of through over direct, both medians of one round
     * @param spread the range that holds the ratios of half of the rounds
     * @param target the largest ratio allowed; null if none is set
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
     * @param name the quantity that was measured
     * @param value the number
     * @param unit of value and target
     * @param target the largest value allowed; null if none is set
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
     * @param rounds the number of rounds of each row
     * @param processors the number of the machine's processors
     * @param othersShare share (0 to 1) of the machine's processor time that went to neither load nor shim
     * @param stolenShare share (0 to 1) that the hypervisor gave to other guests
     * @param collectionMillis pauses of the client's own garbage collector, all together
     */
    record Circumstances(int rounds, int processors, double othersShare, double stolenShare, long collectionMillis) {}

    @JsonProperty
    boolean missed() {
        return rows.stream().anyMatch(Row::missed) || figures.stream().anyMatch(Figure::missed);
    }
}
