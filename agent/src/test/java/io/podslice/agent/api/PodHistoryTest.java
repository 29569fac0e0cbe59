package io.podslice.agent.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.node.NodeView.PodView;
import org.junit.jupiter.api.Test;

/** The changes that a watcher receives after the revision that it has seen. */
class PodHistoryTest {
    private final FakeNode node = new FakeNode();
    private final PodHistory history = new PodHistory(node.revisedSnapshot(), 2);

    private long now() {
        history.update(node.revisedSnapshot());
        return history.revision();
    }

    @Test
    void whoHasSeenAllHasNothingToSee() {
        node.put(FakeNode.pod("a", "1"));
        assertThat(history.since(now(), PodFilter.ALL).isEmpty()).isTrue();
    }

    @Test
    void onlyPodsThatChangedAreSentEachOnce() {
        node.put(FakeNode.pod("a", "1"));
        node.put(FakeNode.pod("b", "1"));
        long seen = now();
        node.put(FakeNode.pod("b", "2"));
        now();
        node.put(FakeNode.pod("b", "3"));
        node.put(FakeNode.pod("c", "1"));
        node.put(FakeNode.pod("a", "1"));
        now();
        PodHistory.Changes changes = history.since(seen, PodFilter.ALL);
        assertThat(changes.relist()).isFalse();
        assertThat(changes.pods()).extracting(known -> known.pod().name()).containsExactly("b", "c");
        assertThat(changes.removed()).isEmpty();
        assertThat(history.since(seen, PodFilter.of("elsewhere", "")).isEmpty()).isTrue();
    }

    @Test
    void podsThatWentAreToldOfUnlessTheyAreBack() {
        node.put(FakeNode.pod("a", "1"));
        node.put(FakeNode.pod("b", "1"));
        long seen = now();
        node.remove("a");
        node.remove("b");
        now();
        node.put(FakeNode.pod("b", "1"));
        now();
        PodHistory.Changes changes = history.since(seen, PodFilter.ALL);
        assertThat(changes.removed()).extracting(PodView::name).containsExactly("a");
        assertThat(changes.pods()).extracting(known -> known.pod().name()).containsExactly("b");
    }

    @Test
    void whoHasNotSeenPodsGoThatAreForgottenGetsTheWholeList() {
        for (String name : new String[] {"a", "b", "c", "d"}) {
            node.put(FakeNode.pod(name, "1"));
        }
        long seen = now();
        node.remove("a");
        long after = now();
        assertThat(history.since(seen, PodFilter.ALL).relist()).isFalse();
        node.remove("b");
        now();
        node.remove("c");
        now();
        assertThat(history.since(seen, PodFilter.ALL).relist()).isTrue();
        assertThat(history.since(seen, PodFilter.ALL).pods())
                .extracting(known -> known.pod().name())
                .containsExactly("d");
        assertThat(history.since(after, PodFilter.ALL).removed())
                .extracting(PodView::name)
                .containsExactly("b", "c");
    }

    @Test
    void aRevisionOfAnotherPastGetsTheWholeList() {
        long now = now();
        assertThat(history.since(now + 1, PodFilter.ALL).relist()).isTrue();
        assertThat(history.since(0, PodFilter.ALL).relist()).isTrue();
    }

    @Test
    void anOlderViewIsNone() {
        node.put(FakeNode.pod("a", "1"));
        var old = node.revisedSnapshot();
        node.remove("a");
        long now = now();
        history.update(old);
        assertThat(history.revision()).isEqualTo(now);
        assertThat(history.node().pods()).isEmpty();
    }
}
