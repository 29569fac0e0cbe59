package io.podslice.node.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.pods.DeviceNodes;
import io.podslice.node.pods.PodAsk;
import io.podslice.node.state.PodBudget;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Finds a pod's placement from the CPUs to which its cgroups are restricted. */
final class FoundPlacementTest {
    private static final CpuSet OTHERS = CpuSet.parse("8-15");
    private static final PodAsk SLICED = ask("""
            {'resources':{'requests':{'cpu':'6','memory':'8Gi'},'limits':{'cpu':'6','memory':'8Gi'}},
             'containers':[
               {'name':'first','kind':'init','resources':{'requests':{'cpu':'2','memory':'2Gi'},'limits':{'cpu':'2','memory':'2Gi'}}},
               {'name':'one','resources':{'requests':{'cpu':'2','memory':'2Gi'},'limits':{'cpu':'2','memory':'2Gi'}}},
               {'name':'rest'}]}""");

    private static PodAsk ask(String json) {
        Map<String, String> annotations = Map.of("podslice.io/pod-spec", json.replace('\'', '"'));
        return ask(annotations, PodAnnotations.of(annotations).spec().orElseThrow());
    }

    private static PodAsk ask(Map<String, String> annotations, PodSpec spec) {
        PodBudget budget = new PodBudget(
                new PodCgroupValues(2, 0, 0, 0, new TreeMap<>()), false, ResourceList.EMPTY, ResourceList.EMPTY);
        return new PodAsk(
                new CgroupPath("/kubepods/podx"),
                annotations,
                spec,
                Map.of(),
                DeviceNodes.NONE,
                budget,
                Optional.empty());
    }

    private static @Nullable PodPlacement found(
            PodAsk ask, int setSize, String sandbox, Map<String, String> containers) {
        Map<String, CpuSet> kept = new TreeMap<>();
        containers.forEach((name, cpus) -> kept.put(name, CpuSet.parse(cpus)));
        return new FoundPlacement(CpuSet.parse(sandbox), kept, OTHERS).of(ask, setSize);
    }

    private static PodPlacement known(PodAsk ask, int setSize, String sandbox, Map<String, String> containers) {
        return Objects.requireNonNull(found(ask, setSize, sandbox, containers));
    }

    private static CpuSet own(PodPlacement placement, String container) {
        return placement.container(container).orElseThrow().own();
    }

    @Test
    void theSandboxIsInThePoolAndWhoIsNotHasItsOwn() {
        PodPlacement placement = known(SLICED, 6, "2-5", Map.of("one", "0-1", "rest", "2-5"));
        assertThat(placement.ofPod()).isEqualTo(CpuSet.parse("0-5"));
        assertThat(own(placement, "one")).isEqualTo(CpuSet.parse("0-1"));
        assertThat(own(placement, "rest")).isEqualTo(CpuSet.empty());
        assertThat(own(placement, "first")).as("it has ended").isEqualTo(CpuSet.empty());
    }

    @Test
    void anotherNumberOfCpusThanThePodAsksForIsItsAllTheSame() {
        PodPlacement fewer = known(SLICED, 6, "2-4", Map.of("one", "0-1", "rest", "2-4"));
        assertThat(fewer.ofPod()).isEqualTo(CpuSet.parse("0-4"));
        PodPlacement more = known(SLICED, 6, "3-6", Map.of("one", "0-2", "rest", "3-6"));
        assertThat(more.ofPod()).isEqualTo(CpuSet.parse("0-6"));
        assertThat(own(more, "one")).isEqualTo(CpuSet.parse("0-2"));
    }

    @Test
    void aContainerThatSharesThoughItAsksForCpusOfItsOwnGoesOnSharing() {
        PodPlacement placement = known(SLICED, 6, "0-5", Map.of("one", "0-5", "rest", "0-5"));
        assertThat(placement.ofPod()).isEqualTo(CpuSet.parse("0-5"));
        assertThat(own(placement, "one")).isEqualTo(CpuSet.empty());
    }

    @Test
    void cpusThatOthersHaveAreNotIts() {
        assertThat(found(SLICED, 6, "2-5", Map.of("one", "7-8", "rest", "2-5"))).isNull();
        assertThat(found(SLICED, 6, "8-15", Map.of("one", "8-15", "rest", "8-15")))
                .isNull();
    }

    @Test
    void aLongRunningContainerThatDoesNotRunIsLeftOut() {
        PodPlacement placement = known(SLICED, 6, "2-5", Map.of("rest", "2-5"));
        assertThat(placement.ofPod()).isEqualTo(CpuSet.parse("2-5"));
        assertThat(placement.container("one")).isEmpty();
    }

    @Test
    void aPodThatIsBeingInitializedKeepsWhatItsInitContainerHas() {
        PodPlacement placement = known(SLICED, 6, "2-5", Map.of("first", "0-1"));
        assertThat(placement.ofPod()).isEqualTo(CpuSet.parse("0-5"));
        assertThat(own(placement, "first")).isEqualTo(CpuSet.parse("0-1"));
        assertThat(placement.container("one")).isEmpty();
    }

    @Test
    void withoutASetOnlyContainersHaveCpus() {
        PodPlacement placement = known(SLICED, 0, "8-15", Map.of("one", "0-1", "rest", "8-15"));
        assertThat(placement.ofPod()).isEqualTo(CpuSet.empty());
        assertThat(placement.cpus()).isEqualTo(CpuSet.parse("0-1"));
    }

    @Test
    void ofAPodWithoutSpecWhoSharesWithAnotherHasNothingOfItsOwn() {
        PodAsk inferred = ask(Map.of(), new PodSpec(ResourceRequirements.NONE, List.of()));
        PodPlacement placement = known(inferred, 6, "", Map.of("one", "0-1", "two", "2-5", "three", "2-5"));
        assertThat(own(placement, "one")).isEqualTo(CpuSet.parse("0-1"));
        assertThat(own(placement, "two")).isEqualTo(CpuSet.empty());
        assertThat(own(placement, "three")).isEqualTo(CpuSet.empty());
    }

    @Test
    void whoIsKeptNowhereHasNothing() {
        assertThat(found(SLICED, 6, "", Map.of("one", "", "rest", ""))).isNull();
        assertThat(found(SLICED, 0, "", Map.of())).isNull();
    }
}
