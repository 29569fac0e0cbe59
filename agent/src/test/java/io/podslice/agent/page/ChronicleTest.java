package io.podslice.agent.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.page.Chronicle.Entry;
import io.podslice.agent.page.Chronicle.Kind;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodName;
import io.podslice.node.Refusal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChronicleTest {
    private static final Instant NOON = Instant.parse("2026-07-01T12:00:00Z");

    private final Hands hands = new Hands();
    private final Chronicle chronicle = new Chronicle(hands);

    /** A clock that a test sets. */
    private static final class Hands extends Clock {
        private Instant now = NOON;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    private static NodeIncident refusal(String container, String text) {
        return new NodeIncident.Refused(
                Door.CRI,
                new NodeRequest.UpdateContainer(container, Map.of(), LinuxResources.NONE),
                new Refusal("Infeasible", Refusal.Kind.EXHAUSTED, text));
    }

    @Test
    void aRefusalThatRepeatsIsCountedWithItsLastNumbers() {
        chronicle.note(refusal("abc", "asks for 6 CPUs, 4 are free"));
        hands.now = NOON.plusSeconds(15);
        chronicle.note(refusal("abc", "asks for 6 CPUs, 5 are free"));
        assertThat(chronicle.lastHour(Kind.REFUSAL))
                .containsExactly(new Entry(
                        "cri",
                        "UpdateContainerResources abc",
                        "Infeasible",
                        "asks for 6 CPUs, 5 are free",
                        NOON,
                        NOON.plusSeconds(15),
                        2));
        assertThat(chronicle.lastHour(Kind.RESIZE)).isEmpty();
    }

    @Test
    void theLatestComesFirstAndNothingIsOlderThanAnHour() {
        chronicle.note(new NodeIncident.Resized(new PodName("uid", "default", "db"), "done", "has 4"));
        hands.now = NOON.plus(Duration.ofMinutes(50));
        chronicle.note(new NodeIncident.Resized(new PodName("uid", "default", "web"), "failed", "EBUSY"));
        assertThat(chronicle.lastHour(Kind.RESIZE))
                .extracting(Entry::what)
                .containsExactly("default/web", "default/db");
        hands.now = NOON.plus(Duration.ofMinutes(61));
        assertThat(chronicle.lastHour(Kind.RESIZE)).extracting(Entry::what).containsExactly("default/web");
    }

    @Test
    void whatRepeatsAfterMoreThanAnHourIsCountedAnew() {
        chronicle.note(
                new NodeIncident.Repaired(PodName.NONE, "/kubepods/podx", "cpu.max", "max 100000", "400000 100000"));
        hands.now = NOON.plus(Duration.ofHours(2));
        chronicle.note(
                new NodeIncident.Repaired(PodName.NONE, "/kubepods/podx", "cpu.max", "max 100000", "400000 100000"));
        List<Entry> repairs = chronicle.lastHour(Kind.REPAIR);
        assertThat(repairs).hasSize(1);
        assertThat(repairs.getFirst().count()).isEqualTo(1);
        assertThat(repairs.getFirst().text()).isEqualTo("cpu.max: max 100000 \u2192 400000 100000");
    }

    @Test
    void aFloodTakesBoundedMemoryAndLeavesOtherKindsAlone() {
        chronicle.note(new NodeIncident.Resized(new PodName("uid", "default", "db"), "done", "has 4"));
        for (int i = 0; i < 100_000; i++) {
            chronicle.note(refusal("c" + i, "x".repeat(10_000)));
        }
        assertThat(chronicle.lastHour(Kind.REFUSAL))
                .hasSize(Kind.REFUSAL.most())
                .allSatisfy(entry -> assertThat(entry.text()).hasSizeLessThan(1_000));
        assertThat(chronicle.lastHour(Kind.RESIZE)).hasSize(1);
        assertThat(chronicle.version()).isEqualTo(100_001);
    }
}
