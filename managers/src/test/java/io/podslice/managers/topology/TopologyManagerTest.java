package io.podslice.managers.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.topology.TopologyManager.Outcome;
import io.podslice.managers.topology.TopologyManager.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The calls of the topology manager to its providers, their order, and the texts of its rejections. */
class TopologyManagerTest {
    private static final NumaNodes NODES = NumaNodes.of(CpuSet.of(0, 1), new TreeMap<>());
    private static final TopologyHint ON_ONE = new TopologyHint(CpuSet.of(1), true);
    private static final TopologyHint ON_BOTH = new TopologyHint(CpuSet.of(0, 1), false);

    /** A provider that gives one answer to every question, and records its calls. */
    private static final class Scripted implements HintProvider {
        private final TopologyHint hint;
        private final String outlook;
        private final List<String> told;
        private boolean settled;
        private Optional<Rejection> answer = Optional.empty();

        Scripted(TopologyHint hint, String outlook, List<String> told) {
            this.hint = hint;
            this.outlook = outlook;
            this.told = told;
        }

        @Override
        public boolean isSettled() {
            return settled;
        }

        @Override
        public List<ResourceHints> podHints() {
            told.add(outlook + " pod?");
            return List.of(new ResourceHints.Listed(List.of(hint)));
        }

        @Override
        public List<ResourceHints> containerHints(int container) {
            told.add(outlook + " " + container + "?");
            return List.of(new ResourceHints.Listed(List.of(hint)));
        }

        @Override
        public Optional<Rejection> allocatePod(TopologyHint given) {
            told.add(outlook + " pod on " + given);
            return answer;
        }

        @Override
        public Optional<Rejection> allocate(int container, TopologyHint given) {
            told.add(outlook + " " + container + " on " + given);
            return answer;
        }

        @Override
        public String outlook() {
            return outlook;
        }
    }

    private final List<String> told = new ArrayList<>();

    private static TopologyManager manager(TopologyPolicy policy, TopologyScope scope) {
        return new TopologyManager(new HintMerger(NODES, policy, false), scope);
    }

    @Test
    void by_container_each_is_asked_about_before_it_is_given_anything() {
        Outcome outcome = manager(TopologyPolicy.RESTRICTED, TopologyScope.CONTAINER)
                .admit(
                        new Pod(2, false),
                        List.of(new Scripted(ON_ONE, "cpu", told), new Scripted(ON_ONE, "mem", told)));

        assertThat(outcome.admitted()).isTrue();
        assertThat(outcome.hints()).containsExactly(ON_ONE, ON_ONE);
        assertThat(told)
                .containsExactly(
                        "cpu 0?",
                        "mem 0?",
                        "cpu 0 on 1 preferred",
                        "mem 0 on 1 preferred",
                        "cpu 1?",
                        "mem 1?",
                        "cpu 1 on 1 preferred",
                        "mem 1 on 1 preferred");
    }

    @Test
    void by_pod_there_is_one_question_and_containers_follow_it_one_by_one() {
        Outcome outcome = manager(TopologyPolicy.BEST_EFFORT, TopologyScope.POD)
                .admit(new Pod(2, false), List.of(new Scripted(ON_BOTH, "cpu", told)));

        assertThat(outcome.hints()).containsExactly(ON_BOTH, ON_BOTH);
        assertThat(told).containsExactly("cpu pod?", "cpu 0 on 0-1 not preferred", "cpu 1 on 0-1 not preferred");
    }

    @Test
    void a_pod_with_resources_of_its_own_is_given_them_as_one() {
        Outcome outcome = manager(TopologyPolicy.RESTRICTED, TopologyScope.POD)
                .admit(new Pod(2, true), List.of(new Scripted(ON_ONE, "cpu", told)));

        assertThat(outcome.hints()).containsExactly(ON_ONE, ON_ONE);
        assertThat(told).containsExactly("cpu pod?", "cpu pod on 1 preferred");
    }

    @ParameterizedTest
    @EnumSource
    void under_policy_none_nobody_is_asked(TopologyScope scope) {
        manager(TopologyPolicy.NONE, scope).admit(new Pod(2, true), List.of(new Scripted(ON_ONE, "cpu", told)));

        assertThat(told).containsExactly("cpu 0 on any not preferred", "cpu 1 on any not preferred");
    }

    @Test
    void who_has_all_it_asks_for_is_not_asked_again() {
        Scripted settled = new Scripted(ON_BOTH, "cpu", told);
        settled.settled = true;
        TopologyManager restricted = manager(TopologyPolicy.RESTRICTED, TopologyScope.POD);

        assertThat(restricted.admit(new Pod(1, false), List.of(settled)))
                .isEqualTo(new Outcome(Optional.empty(), List.of()));
        assertThat(told).isEmpty();
        assertThat(restricted
                        .admit(new Pod(1, false), List.of(settled, new Scripted(ON_BOTH, "mem", told)))
                        .admitted())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "false, POD, Resources cannot be allocated with Topology locality",
        "false, CONTAINER, Resources cannot be allocated with Topology locality",
        "true, POD, Pod Scope pod with pod-level resources failed admission under pod-scope topology manager",
        "true, CONTAINER, Pod Scope pod with pod-level resources failed admission with a container-level topology manager"
    })
    void a_refusal_has_the_kubelets_words_and_what_each_provider_sees(
            boolean podLevel, TopologyScope scope, String message) {
        Outcome outcome = manager(TopologyPolicy.RESTRICTED, scope)
                .admit(
                        new Pod(1, podLevel),
                        List.of(
                                new Scripted(ON_BOTH, "2 CPUs on 0", told),
                                new Scripted(ON_BOTH, "", told),
                                new Scripted(ON_BOTH, "1Gi on 1", told)));

        assertThat(outcome.hints()).isEmpty();
        assertThat(outcome.rejection())
                .contains(new Rejection(
                        Rejection.Manager.TOPOLOGY, "TopologyAffinityError", message, "2 CPUs on 0; 1Gi on 1"));
        assertThat(told).noneMatch(line -> line.contains(" on 0-1"));
    }

    @ParameterizedTest
    @CsvSource({"false, POD", "false, CONTAINER", "true, POD"})
    void what_one_provider_refuses_the_next_is_not_told(boolean podLevel, TopologyScope scope) {
        Scripted refusing = new Scripted(ON_ONE, "cpu", told);
        Rejection rejection = Rejection.unexpected(Rejection.Manager.TOPOLOGY, "something", "");
        refusing.answer = Optional.of(rejection);

        Outcome outcome = manager(TopologyPolicy.RESTRICTED, scope)
                .admit(new Pod(2, podLevel), List.of(refusing, new Scripted(ON_ONE, "mem", told)));

        assertThat(outcome.rejection()).contains(rejection);
        assertThat(told).noneMatch(line -> line.startsWith("mem") && line.contains(" on "));
    }

    @Test
    void only_scope_pod_with_a_policy_serves_a_pod_as_one() {
        for (TopologyPolicy policy : TopologyPolicy.values()) {
            for (TopologyScope scope : TopologyScope.values()) {
                TopologyManager manager = manager(policy, scope);
                assertThat(manager.allocatesAsOne(new Pod(1, false))).isFalse();
                assertThat(manager.allocatesAsOne(new Pod(1, true)))
                        .as("%s %s", policy, scope)
                        .isEqualTo(policy != TopologyPolicy.NONE && scope == TopologyScope.POD);
            }
        }
    }
}
