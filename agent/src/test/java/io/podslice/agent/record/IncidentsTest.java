package io.podslice.agent.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.node.NodeIncident;
import io.podslice.node.PodName;
import io.podslice.proto.v1.Incident;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A storm of incidents takes a bounded part of the recording, and nothing is lost from the count. */
class IncidentsTest {
    private long nanos;
    private final Incidents incidents = new Incidents(InstantSource.fixed(Instant.ofEpochMilli(7)), () -> nanos);

    private void resized(String pod) {
        incidents.note(new NodeIncident.Resized(new PodName(pod, "default", pod), "deferred", "6 CPUs asked"));
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void oneThatRepeatsIsToldAtOnceAndThenWithItsCount() {
        resized("a");
        assertThat(incidents.due()).singleElement().satisfies(told -> {
            assertThat(told.getCount()).isEqualTo(1);
            assertThat(told.getSince()).isEqualTo(7);
        });
        for (int i = 0; i < 10_000; i++) {
            resized("a");
        }
        assertThat(incidents.due()).isEmpty();
        pass(Incidents.REPEAT);
        assertThat(incidents.due()).extracting(Incident::getCount).containsExactly(10_000L);
        pass(Incidents.REPEAT);
        assertThat(incidents.due()).isEmpty();
        resized("a");
        assertThat(incidents.due()).extracting(Incident::getCount).containsExactly(1L);
    }

    @Test
    void allTogetherHaveABudget() {
        long told = 0;
        for (int i = 0; i < 5_000; i++) {
            resized("pod-" + i);
            told += incidents.due().size();
        }
        assertThat(told).isEqualTo(Incidents.BURST);
        pass(Incidents.REFILL.multipliedBy(3));
        List<Incident> later = incidents.due();
        assertThat(later).hasSize(3);
        assertThat(later.getFirst().getSkipped()).isEqualTo(5_000 - Incidents.BURST - Incidents.MOST_WAITING);
        assertThat(later.get(1).getSkipped()).isZero();
        assertThat(incidents.rest()).hasSize(Incidents.MOST_WAITING - 3);
        assertThat(incidents.rest()).isEmpty();
    }

    @Test
    void textsAreBounded() {
        incidents.note(new NodeIncident.Repaired(
                PodName.NONE, "x".repeat(9_000), "cpu.max", "y".repeat(9_000), "z".repeat(9_000)));
        assertThat(incidents.due())
                .singleElement()
                .satisfies(told -> assertThat(told.getSerializedSize()).isLessThan(2_000));
    }
}
