package io.podslice.managers.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What holds whatever the machine, the settings, the pods and the order in which they come and go: no CPU is in two
 * exclusive sets; what pods have and the node shared pool are all allocatable CPUs; a refused pod changes nothing; removing
 * everything restores the start; admitting a running pod once more changes nothing; under single-numa-node nothing lies on
 * two nodes; the order in which things are listed does not matter.
 *
 * <p>A failure names its seed and the fewest steps that still fail; {@code -Dpodslice.seed=N} runs that one alone.
 */
class AdmissionPropertiesTest {
    private static final int SEQUENCES =
            Integer.getInteger("podslice.sequences", Boolean.getBoolean("podslice.long") ? 200_000 : 10_000);
    private static final List<Integer> ALL_STEPS =
            IntStream.range(0, AdmissionSequence.STEPS).boxed().toList();

    @Test
    void holds_along_any_sequence_of_arrivals_and_removals() {
        Long seed = Long.getLong("podslice.seed");
        if (seed != null) {
            run(seed);
            return;
        }
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < SEQUENCES; i++) {
            run(i).forEach((answer, count) -> answers.merge(answer, count, Integer::sum));
        }
        assertThat(answers)
                .as("a sequence that never comes to some answer proves little")
                .containsOnlyKeys(
                        "admitted",
                        "shares",
                        "TopologyAffinityError",
                        "SMTAlignmentError",
                        "EmptyPodSharedPoolError",
                        "UnexpectedAdmissionError");
        assertThat(answers.getOrDefault("admitted", 0)).isGreaterThan(SEQUENCES);
    }

    private static Map<String, Integer> run(long seed) {
        AdmissionSequence sequence = new AdmissionSequence(seed);
        try {
            sequence.run(ALL_STEPS);
        } catch (AssertionError | RuntimeException e) {
            throw smallest(seed, sequence, e);
        }
        return sequence.answers();
    }

    /** Leaves out every step without which the sequence still fails. */
    private static AssertionError smallest(long seed, AdmissionSequence failed, Throwable failure) {
        List<Integer> steps = ALL_STEPS;
        Throwable last = failure;
        AdmissionSequence told = failed;
        for (int step : ALL_STEPS.reversed()) {
            List<Integer> fewer = steps.stream().filter(other -> other != step).toList();
            AdmissionSequence sequence = new AdmissionSequence(seed);
            try {
                sequence.run(fewer);
            } catch (AssertionError | RuntimeException e) {
                steps = fewer;
                last = e;
                told = sequence;
            }
        }
        return new AssertionError("seed " + seed + ", steps " + steps + "\n" + told + last.getMessage(), last);
    }
}
