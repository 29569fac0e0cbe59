package io.podslice.node.brain;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.NodeRequest;
import io.podslice.node.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Lines of refusals: each once, repeated ones counted, and no more of them remembered than the bound. */
class RefusalLogTest {
    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final int MOST_REMEMBERED = 256;

    private final List<String> written = new ArrayList<>();
    private final RefusalLog log = new RefusalLog(INTERVAL, written::add);

    private void refuse(Door door, String container, String message, int second) {
        NodeRequest request = new NodeRequest.UpdateContainer(container, Map.of(), LinuxResources.NONE);
        // Times begin at the largest number and wrap around, as those of System.nanoTime may.
        log.refused(
                door,
                request,
                new Refusal("Full", Refusal.Kind.EXHAUSTED, message),
                Long.MAX_VALUE - 1 + TimeUnit.SECONDS.toNanos(second));
    }

    private void refuse(String message, int second) {
        refuse(Door.CRI, "c1", message, second);
    }

    @Test
    void a_refusal_is_one_line_and_its_repetitions_are_counted() {
        for (int second = 0; second < 60; second++) {
            refuse("no CPU is left", second);
        }

        assertThat(written).containsExactly("UpdateContainerResources c1 (cri): refused: Full: no CPU is left");
    }

    @Test
    void a_refusal_that_is_repeated_after_the_interval_says_how_often_it_was() {
        for (int second = 0; second <= 60; second++) {
            refuse("no CPU is left", second);
        }
        for (int second = 61; second < 120; second += 20) {
            refuse("no CPU is left", second);
        }
        refuse("no CPU is left", 120);

        assertThat(written)
                .containsExactly(
                        "UpdateContainerResources c1 (cri): refused: Full: no CPU is left",
                        "UpdateContainerResources c1 (cri): refused 60 times more: Full: no CPU is left",
                        "UpdateContainerResources c1 (cri): refused 4 times more: Full: no CPU is left");
    }

    @Test
    void a_repetition_long_after_is_one_refusal() {
        refuse("no CPU is left", 0);
        refuse("no CPU is left", 3600);

        assertThat(written)
                .containsExactly(
                        "UpdateContainerResources c1 (cri): refused: Full: no CPU is left",
                        "UpdateContainerResources c1 (cri): refused: Full: no CPU is left");
    }

    @Test
    void refusals_that_differ_by_door_request_or_text_are_lines_of_their_own() {
        refuse(Door.CRI, "c1", "no CPU is left", 0);
        refuse(Door.NRI, "c1", "no CPU is left", 0);
        refuse(Door.CRI, "c2", "no CPU is left", 0);
        refuse(Door.CRI, "c1", "no memory is left", 0);

        assertThat(written)
                .containsExactly(
                        "UpdateContainerResources c1 (cri): refused: Full: no CPU is left",
                        "UpdateContainerResources c1 (nri): refused: Full: no CPU is left",
                        "UpdateContainerResources c2 (cri): refused: Full: no CPU is left",
                        "UpdateContainerResources c1 (cri): refused: Full: no memory is left");
    }

    @Test
    void at_the_bound_the_oldest_refusal_is_forgotten_with_a_line_that_says_its_count() {
        refuse("0", 0);
        refuse("0", 0);
        refuse("0", 0);
        for (int i = 1; i < MOST_REMEMBERED; i++) {
            refuse(Integer.toString(i), 0);
        }
        assertThat(written).hasSize(MOST_REMEMBERED);

        refuse("one more", 0);

        assertThat(written.subList(MOST_REMEMBERED, written.size()))
                .containsExactly(
                        "UpdateContainerResources c1 (cri): refused 2 times more: Full: 0",
                        "UpdateContainerResources c1 (cri): refused: Full: one more");
    }

    @Test
    void texts_that_tenants_choose_do_not_make_it_grow() {
        int many = 10_000;
        for (int i = 0; i < many; i++) {
            refuse("a tenant's text " + i, 0);
        }
        written.clear();

        for (int i = many - MOST_REMEMBERED; i < many; i++) {
            refuse("a tenant's text " + i, 0);
        }
        assertThat(written).as("the last %d are remembered", MOST_REMEMBERED).isEmpty();

        refuse("a tenant's text " + (many - MOST_REMEMBERED - 1), 0);
        assertThat(written)
                .as("the one before them is forgotten")
                .contains("UpdateContainerResources c1 (cri): refused: Full: a tenant's text "
                        + (many - MOST_REMEMBERED - 1));
    }

    @Test
    void a_text_with_a_log_pattern_is_written_as_it_is() {
        refuse("{} is \\{} a pattern", 0);

        assertThat(written).containsExactly("UpdateContainerResources c1 (cri): refused: Full: {} is \\{} a pattern");
    }
}
