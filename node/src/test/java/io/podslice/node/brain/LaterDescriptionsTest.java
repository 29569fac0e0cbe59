package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.node.Bounds;
import io.podslice.node.KnownPod;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeSources;
import io.podslice.node.PodDevices;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.RefusalListener;
import io.podslice.node.Verdict;
import io.podslice.node.state.NodeState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of pods' specs that a source tells of: what CRI never carries follows them, and nothing else does. */
final class LaterDescriptionsTest {
    private static final String PARENT = "/kubepods/burstable/podw";

    private final BrainFixture node = new BrainFixture(
            BrainFixture.MACHINE,
            new NodeConfig(
                    PlacementPolicy.DEFAULT,
                    new CgroupPath("/kubepods"),
                    Cfs.DEFAULT,
                    NodeConfig.DEFAULT.lostAfter(),
                    new MemoryQos(true, OptionalDouble.empty(), 4096, 120 * GI)));
    private final FakeSpecs specs = new FakeSpecs();
    private PodSandboxRequest web = node.pod("w", PARENT, Map.of(), cpuAndMemory(1000, 4 * GI));
    private KnownPod known = FakeSpecs.of(web, FakeSpecs.specOf(web("1Gi", "2Gi")), 1);

    private static String web(String request, String limit) {
        return "{'resources':{'requests':{'cpu':'1','memory':'2Gi'},'limits':{'cpu':'1','memory':'4Gi'}},"
                + "'containers':[{'name':'a','resources':{'requests':{'memory':'" + request
                + "'},'limits':{'memory':'" + limit + "'}}},{'name':'b'}]}";
    }

    @BeforeEach
    void aPodRuns() {
        node.sources = new NodeSources(specs, PodDevices.NONE, Duration.ofSeconds(20), RefusalListener.NONE);
        node.start();
        node.files.makeAll(PARENT);
        specs.pods.put(web.uid(), known);
        assertThat(node.run(web, "sb")).isNull();
        node.create(web, "sb", "a", LinuxResources.NONE.withCpuShares(2).withMemoryLimit(2 * GI));
        node.create(web, "sb", "b", LinuxResources.NONE.withCpuShares(2).withMemoryLimit(4 * GI));
        node.brain.sweep();
        assertThat(low()).isEqualTo(GI);
    }

    private long low() {
        return Long.parseLong(node.files.get(PARENT + "/" + BrainFixture.idOf("sb", "a"), "memory.low"));
    }

    private KnownPod later(String request, String limit, long generation) {
        return FakeSpecs.later(known, web(request, limit), generation);
    }

    private void limit(long bytes) {
        NodeRequest update = new NodeRequest.UpdateContainer(
                BrainFixture.idOf("sb", "a"), Map.of(), LinuxResources.NONE.withMemoryLimit(bytes));
        Verdict verdict = node.decide(update);
        assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        BrainFixture.complete((Verdict.Proceed) verdict, BrainFixture.idOf("sb", "a"));
        node.files.set(new CgroupPath(PARENT + "/" + BrainFixture.idOf("sb", "a")), "memory.max", Long.toString(bytes));
        node.brain.sweep();
    }

    @Test
    void aMemoryRequestFollowsALaterGeneration() {
        node.brain.described(later("1536Mi", "2Gi", 2));

        assertThat(low()).isEqualTo(3 * GI / 2);
        assertThat(node.occasions).contains("description of default/w");
        assertThat(node.view("w").containers().getFirst().allocated().requests().memoryBytes())
                .isEqualTo(3 * GI / 2);
    }

    @Test
    void requestAndLimitAreThoseOfTheResizeInWhicheverOrderTheyCome() {
        node.brain.described(later("2Gi", "3Gi", 2));
        assertThat(low()).as("its limit is not allocated yet").isEqualTo(GI);
        limit(3 * GI);
        assertThat(low()).isEqualTo(2 * GI);

        limit(2 * GI);
        node.brain.described(later("1Gi", "2Gi", 3));
        assertThat(low()).isEqualTo(GI);

        limit(GI);
        assertThat(low()).as("a request is no more than its limit").isEqualTo(GI);
        node.brain.described(later("1Gi", "1Gi", 4));
        node.brain.described(later("1Gi", "2Gi", 5));
        limit(2 * GI);
        assertThat(low()).as("not the limit that it was for a while").isEqualTo(GI);
    }

    @Test
    void whatIsNoLaterGenerationOfThatPodIsIgnored() {
        NodeState before = node.store.saved;
        KnownPod change = later("1536Mi", "2Gi", 2);
        List<KnownPod> ignored = List.of(
                later("1536Mi", "2Gi", 1),
                later("1536Mi", "2Gi", 0),
                with(change, change.uid(), "x", change.namespace(), false, false),
                with(change, change.uid(), change.name(), "x", false, false),
                with(change, "uid-x", change.name(), change.namespace(), false, false),
                with(change, change.uid(), change.name(), change.namespace(), true, false),
                with(change, change.uid(), change.name(), change.namespace(), false, true));

        ignored.forEach(node.brain::described);

        assertThat(node.store.saved).isSameAs(before);
        assertThat(low()).isEqualTo(GI);
    }

    /** A tenant may write a static pod's uid into a pod of its own, which the API server then tells as that uid's mirror. */
    @Test
    void aPodThatClaimsTheUidTakesNothingFromTheChangesOfTheRealOne() {
        KnownPod claim = later("64Mi", "2Gi", 9);
        node.brain.described(with(claim, claim.uid(), "claim", claim.namespace(), false, false));
        node.brain.described(with(claim, claim.uid(), claim.name(), "tenant", false, false));
        assertThat(low()).isEqualTo(GI);

        node.brain.described(later("1536Mi", "2Gi", 2));

        assertThat(low()).isEqualTo(3 * GI / 2);
    }

    private static KnownPod with(
            KnownPod pod, String uid, String name, String namespace, boolean resizePending, boolean ended) {
        return new KnownPod(
                pod.source(), uid, namespace, name, pod.spec(), pod.priority(), pod.generation(), resizePending, ended);
    }

    @Test
    void aChangeThatNoApiServerAllowsIsLookedAtOnceAndNotUsed() {
        KnownPod other = FakeSpecs.later(known, "{'containers':[{'name':'a'}]}", 2);

        node.brain.described(other);
        NodeState after = node.store.saved;
        node.brain.described(other);

        assertThat(node.store.saved).isSameAs(after);
        assertThat(low()).isEqualTo(GI);
        node.brain.described(later("1536Mi", "2Gi", 3));
        assertThat(low()).isEqualTo(3 * GI / 2);
    }

    @Test
    void theGenerationOfAPendingResizeCountsOnceItIsAllocated() {
        node.stopSandbox(web, "sb");
        KnownPod pending = with(later("1536Mi", "2Gi", 2), web.uid(), "w", "default", true, false);
        specs.pods.put(web.uid(), pending);
        PodSandboxRequest again = DescribedPodTest.again(web, cpuAndMemory(1000, 4 * GI));
        assertThat(node.run(again, "sb1")).isNull();

        node.brain.described(pending);
        assertThat(requestOfA()).isEqualTo(GI);
        node.brain.described(later("1536Mi", "2Gi", 2));
        assertThat(requestOfA()).isEqualTo(3 * GI / 2);
    }

    @Test
    void aResizeThatIsPendingAtTheKubeletIsRemarkedOnUntilItIsNot() {
        KnownPod pending = with(later("1536Mi", "2Gi", 2), web.uid(), "w", "default", true, false);

        node.brain.described(pending);
        assertThat(node.view("w").origin().remarks()).containsExactly("podsAPI: a resize is pending at the kubelet");
        assertThat(low()).isEqualTo(GI);

        node.brain.described(later("1536Mi", "2Gi", 2));
        assertThat(node.view("w").origin().remarks()).isEmpty();
    }

    @Test
    void aSandboxMadeAnewHasTheMemoryRequestsOfALaterGeneration() {
        node.stopSandbox(web, "sb");
        specs.pods.put(web.uid(), later("1536Mi", "2Gi", 2));

        assertThat(node.run(DescribedPodTest.again(web, cpuAndMemory(1000, 4 * GI)), "sb1"))
                .isNull();

        assertThat(requestOfA()).isEqualTo(3 * GI / 2);
    }

    private long requestOfA() {
        return node.view("w").containers().getFirst().allocated().requests().memoryBytes();
    }

    @Test
    void aRestartKeepsTheDescription() {
        node.brain.described(later("1536Mi", "2Gi", 2));
        node.start();

        node.brain.described(later("1Gi", "2Gi", 1));
        assertThat(low()).as("an older one").isEqualTo(3 * GI / 2);
        assertThat(node.view("w").priority()).isEqualTo(7);
    }

    /** What a bound on protected memory leaves out, the pod runs without. */
    @Test
    void aPlainPodBeyondTheBoundOnProtectedMemoryRunsWithoutProtection() {
        node.config = node.config.withBounds(
                new Bounds(Set.of(), OptionalInt.empty(), OptionalInt.empty(), 100, 1, OptionalLong.of(3 * GI)));
        node.start();
        node.files.makeAll("/kubepods/burstable/podx");
        PodSandboxRequest other = node.pod("x", "/kubepods/burstable/podx", Map.of(), cpuAndMemory(100, 0));
        specs.describe(other, "{'containers':[{'name':'a','resources':{'requests':{'cpu':'100m','memory':'2Gi'}}}]}");

        assertThat(node.run(other, "sx")).isNull();

        assertThat(node.brain.snapshot().pods()).hasSize(1);
    }

    @Test
    void aPlainBurstablePodIsKeptForItsProtection() {
        node.files.makeAll("/kubepods/burstable/podx");
        PodSandboxRequest other = node.pod("x", "/kubepods/burstable/podx", Map.of(), cpuAndMemory(100, 0));
        specs.describe(other, "{'containers':[{'name':'a','resources':{'requests':{'cpu':'100m','memory':'2Gi'}}}]}");

        assertThat(node.run(other, "sx")).isNull();

        assertThat(node.files.get("/kubepods/burstable/podx", "memory.low")).isEqualTo(Long.toString(2 * GI));
        assertThat(node.files.get("/kubepods/burstable", "memory.low")).isEqualTo(Long.toString(4 * GI));
        assertThat(node.steps).noneMatch(step -> step.contains("podx/cpu"));
    }
}
