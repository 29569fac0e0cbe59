package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.node.Refusal;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** All annotations together are bounded, and long ones leave room for short ones. */
final class StateRoomTest {
    private final BrainFixture node = new BrainFixture();
    private int pods;

    private Refusal run(Map<String, String> annotations) {
        String name = "p" + pods++;
        Refusal refusal = node.run(node.pod(name, "/kubepods/burstable/pod" + name, annotations), "sb-" + name);
        return refusal == null ? new Refusal("Admitted", Refusal.Kind.PRECONDITION, "") : refusal;
    }

    private static Map<String, String> of(int characters) {
        return spec("{'containers':[{'name':'a'}]" + " ".repeat(characters) + "}");
    }

    @Test
    void podsWithLongAnnotationsLeaveRoomForOthers() {
        int longest = 0;
        while (run(of(32_000)).reason().equals("Admitted")) {
            longest++;
            assertThat(longest).isLessThan(70);
        }
        assertThat(longest).isGreaterThan(50);
        Refusal refusal = run(of(32_000));
        assertThat(refusal.reason()).isEqualTo("TooManyAnnotations");
        assertThat(refusal.message()).contains("have 32049 characters", "at most 2097152 of all " + longest + " pods");
        for (int i = 0; i < 20; i++) {
            assertThat(run(of(2_000)).reason()).isEqualTo("Admitted");
        }
        assertThat(run(Map.of()).reason()).as("a pod that asks nothing").isEqualTo("Admitted");
    }
}
