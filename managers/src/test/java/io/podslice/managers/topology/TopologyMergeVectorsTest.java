package io.podslice.managers.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.vectors.VectorTests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** The kubelet's tables for merging hints and admitting by them. */
class TopologyMergeVectorsTest {

    @TestFactory
    List<DynamicTest> answers_as_the_kubelet_does() {
        return VectorTests.of(
                "topology-merge.json",
                Map.of(
                        "cases", this::merge,
                        "canAdmitCases", this::canAdmit,
                        "filterSingleNumaCases", this::filterSingleNuma,
                        "maxOfMinAffinityCountsCases", this::wanted,
                        "compareCases", this::compare,
                        "avgDistanceCases", this::averageDistance,
                        "closestCases", this::closest,
                        "admitCases", this::admit,
                        "podLevelFlowCases", this::podLevelFlow),
                Set.of());
    }

    private void merge(JsonNode c) {
        HintMerger merger = merger(c, c.required("options").has("prefer-closest-numa-nodes"));
        List<ResourceHints> said = new ArrayList<>();
        for (JsonNode provider : c.required("providers")) {
            said.addAll(provider(provider));
        }
        TopologyHint merged = merger.merge(said);
        assertThat(merged).isEqualTo(hint(c.required("expected")));
        assertThat(merger.admits(merged)).isEqualTo(c.required("expectedAdmit").booleanValue());
    }

    private void canAdmit(JsonNode c) {
        assertThat(policy(c).admits(hint(c.required("hint"))))
                .isEqualTo(c.required("expectedAdmit").booleanValue());
    }

    private void filterSingleNuma(JsonNode c) {
        List<List<TopologyHint>> expected = new ArrayList<>();
        for (JsonNode hints : c.required("expected")) {
            expected.add(hints(hints));
        }
        List<List<TopologyHint>> actual = new ArrayList<>();
        for (JsonNode hints : c.required("resources")) {
            actual.add(HintMerger.preferringOneNode(hints(hints)));
        }
        assertThat(actual).isEqualTo(expected);
    }

    private void wanted(JsonNode c) {
        List<List<TopologyHint>> resources = new ArrayList<>();
        for (JsonNode hints : c.required("hints")) {
            resources.add(hints(hints));
        }
        assertThat(ListedMerge.wanted(resources))
                .isEqualTo(c.required("expected").intValue());
    }

    private void compare(JsonNode c) {
        HintSelection selection = new HintSelection(
                FitOrder.narrowest(),
                c.required("bestNonPreferredAffinityCount").intValue());
        @Nullable TopologyHint current = c.required("current").isNull() ? null : hint(c.required("current"));
        TopologyHint candidate = hint(c.required("candidate"));
        @Nullable TopologyHint expected = c.required("expected").stringValue().equals("current") ? current : candidate;
        assertThat(selection.better(current, candidate)).isEqualTo(expected);
    }

    private void averageDistance(JsonNode c) {
        CpuSet mask = set(c.required("mask"));
        NumaNodes nodes = nodes(CpuSet.range(0, c.required("distances").size() - 1), c.required("distances"));
        assertThat(nodes.averageDistance(mask)).isEqualTo(c.required("expected").doubleValue());
    }

    private void closest(JsonNode c) {
        JsonNode distances = c.required("distances");
        CpuSet current = set(c.required("current"));
        CpuSet candidate = set(c.required("candidate"));
        CpuSet all = distances.isEmpty() ? current.union(candidate) : CpuSet.range(0, distances.size() - 1);
        FitOrder fit = FitOrder.closest(nodes(all, distances));
        boolean keeps = fit.compare(candidate, current) >= 0;
        assertThat(keeps ? "current" : "candidate")
                .isEqualTo(c.required("expected").stringValue());
    }

    private void admit(JsonNode c) {
        for (JsonNode scope : c.required("scopes")) {
            List<FakeProvider> providers = new ArrayList<>();
            for (JsonNode provider : c.required("providers")) {
                providers.add(new FakeProvider(provider(provider)));
            }
            TopologyManager.Outcome outcome = manager(c, scope.stringValue())
                    .admit(new TopologyManager.Pod(c.required("containers").intValue(), false), providers);
            assertThat(outcome.admitted()).isEqualTo(c.required("expectedAdmit").booleanValue());
            JsonNode reason = c.required("expectedReasonIfRejected");
            assertThat(outcome.rejection().map(Rejection::reason))
                    .isEqualTo(reason.isNull() ? Optional.empty() : Optional.of(reason.stringValue()));
        }
    }

    private void podLevelFlow(JsonNode c) {
        FakeProvider provider = new FakeProvider(provider(c.required("providerHints")));
        boolean podLevel = c.required("podLevelResources").booleanValue()
                && c.required("podLevelResourceManagers").booleanValue();
        TopologyManager.Pod pod =
                new TopologyManager.Pod(c.required("pod").required("containers").size(), podLevel);
        HintMerger merger = new HintMerger(nodes(CpuSet.of(0, 1), c.path("distances")), policy(c), false);
        TopologyManager manager =
                new TopologyManager(merger, scope(c.required("scope").stringValue()));
        TopologyManager.Outcome outcome = manager.admit(pod, List.of(provider));
        assertThat(outcome.admitted()).isEqualTo(c.required("expectedAdmit").booleanValue());
        Set<String> expected = new TreeSet<>();
        c.required("expectedCalls").propertyStream().forEach(call -> {
            if (call.getValue().booleanValue()) {
                expected.add(call.getKey());
            }
        });
        assertThat(provider.calls).isEqualTo(expected);
    }

    private static final class FakeProvider implements HintProvider {
        private final List<ResourceHints> said;
        final Set<String> calls = new TreeSet<>();

        FakeProvider(List<ResourceHints> said) {
            this.said = said;
        }

        @Override
        public boolean isSettled() {
            return false;
        }

        @Override
        public List<ResourceHints> podHints() {
            calls.add("GetPodTopologyHints");
            return said;
        }

        @Override
        public List<ResourceHints> containerHints(int container) {
            calls.add("GetTopologyHints");
            return said;
        }

        @Override
        public Optional<Rejection> allocatePod(TopologyHint hint) {
            calls.add("AllocatePod");
            return Optional.empty();
        }

        @Override
        public Optional<Rejection> allocate(int container, TopologyHint hint) {
            calls.add("Allocate");
            return Optional.empty();
        }

        @Override
        public String outlook() {
            return "";
        }
    }

    private static TopologyManager manager(JsonNode c, String scope) {
        return new TopologyManager(merger(c, false), scope(scope));
    }

    private static HintMerger merger(JsonNode c, boolean preferClosest) {
        CpuSet all = set(c.required("numaNodes"));
        return new HintMerger(nodes(all, c.required("distances")), policy(c), preferClosest);
    }

    private static TopologyPolicy policy(JsonNode c) {
        return TopologyPolicy.of(c.required("policy").stringValue()).orElseThrow();
    }

    private static TopologyScope scope(String text) {
        return TopologyScope.of(text).orElseThrow();
    }

    private static NumaNodes nodes(CpuSet all, JsonNode distances) {
        SortedMap<Integer, List<Integer>> rows = new TreeMap<>();
        int[] ids = all.toArray();
        for (int i = 0; i < distances.size() && i < ids.length; i++) {
            rows.put(
                    ids[i],
                    distances.get(i).valueStream().map(JsonNode::intValue).toList());
        }
        return NumaNodes.of(all, rows);
    }

    private static List<ResourceHints> provider(JsonNode provider) {
        if (provider.isNull() || provider.isEmpty()) {
            return List.of(ResourceHints.ANY);
        }
        List<ResourceHints> said = new ArrayList<>();
        for (JsonNode hints : provider) {
            said.add(hints.isNull() ? ResourceHints.ANY : new ResourceHints.Listed(hints(hints)));
        }
        return said;
    }

    private static List<TopologyHint> hints(JsonNode hints) {
        return hints.valueStream().map(TopologyMergeVectorsTest::hint).toList();
    }

    private static TopologyHint hint(JsonNode hint) {
        return new TopologyHint(
                hint.required("mask").isNull() ? null : set(hint.required("mask")),
                hint.required("preferred").booleanValue());
    }

    private static CpuSet set(JsonNode mask) {
        return CpuSet.of(mask.valueStream().mapToInt(JsonNode::intValue).toArray());
    }
}
