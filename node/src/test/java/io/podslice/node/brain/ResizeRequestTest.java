package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeCondition;
import io.podslice.node.ResizeRequest;
import io.podslice.node.state.PendingResize;
import io.podslice.node.state.PodState;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Resizes that the node API asks for. */
final class ResizeRequestTest {
    private static final Map<String, String> PINNED = spec("""
            {'resources':{'requests':{'cpu':'4','memory':'8Gi'},'limits':{'cpu':'4','memory':'8Gi'}},
             'containers':[
               {'name':'db','resources':{'requests':{'cpu':'2','memory':'4Gi'},'limits':{'cpu':'2','memory':'4Gi'}}},
               {'name':'log'}]}""");
    private static final Map<String, String> SHARED = spec("""
            {'resources':{'requests':{'cpu':'1500m','memory':'4Gi'},'limits':{'cpu':'1500m','memory':'4Gi'}},
             'containers':[{'name':'a'},
               {'name':'b','resources':{'requests':{'cpu':'250m'},'limits':{'cpu':'500m','memory':'1Gi'}},
                'resizePolicy':[{'resourceName':'memory','restartPolicy':'RestartContainer'}]}]}""");

    private final BrainFixture node = new BrainFixture();

    private void run(String name, Map<String, String> annotations, String... containers) {
        PodSandboxRequest pod = node.pod(name, "/kubepods/pod" + name, annotations);
        node.run(pod, "sb-" + name);
        for (String container : containers) {
            node.create(pod, "sb-" + name, container);
        }
        node.steps.clear();
    }

    private ResizeAnswer resize(
            String pod, Optional<ResourceRequirements> ofPod, Map<String, ResourceRequirements> to) {
        return node.brain.resize(new ResizeRequest("default", pod, ofPod, sorted(to), 0, false));
    }

    private static SortedMap<String, ResourceRequirements> sorted(Map<String, ResourceRequirements> map) {
        return new TreeMap<>(map);
    }

    private static ResourceRequirements guaranteed(String cpu, String memory) {
        ResourceList amounts = ResourceList.of(cpu, memory);
        return new ResourceRequirements(amounts, amounts);
    }

    private PodState state(String pod) {
        return node.store.saved.pod("uid-" + pod).orElseThrow();
    }

    @Test
    void aPinnedPodAndItsContainerGrowAtOnce() {
        run("p", PINNED, "db", "log");

        ResizeAnswer answer = resize("p", Optional.of(guaranteed("8", "8Gi")), Map.of("db", guaranteed("4", "4Gi")));

        assertThat(answer).isEqualTo(new ResizeAnswer.Done(node.steps));
        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("0-3,16-19"));
        assertThat(node.cpusOf("p", "db")).isEqualTo(CpuSet.parse("0-1,16-17"));
        assertThat(node.files.get("/kubepods/podp/sb-p-db", "cpuset.cpus")).isEqualTo("0-1,16-17");
        assertThat(node.files.get("/kubepods/podp", "cpu.max")).isEqualTo("800000 100000");
        assertThat(state("p").spec().orElseThrow().resources()).isEqualTo(guaranteed("8", "8Gi"));

        resize("p", Optional.of(guaranteed("4", "8Gi")), Map.of("db", guaranteed("2", "4Gi")));

        assertThat(node.view("p").cpus()).isEqualTo(CpuSet.parse("0-1,16-17"));
        assertThat(node.cpusOf("p", "db")).isEqualTo(CpuSet.parse("0,16"));
    }

    @Test
    void aContainersOwnValuesChangeInItsCgroup() {
        run("s", SHARED, "a", "b");
        ResourceRequirements to = new ResourceRequirements(ResourceList.of("500m", "1Gi"), ResourceList.of("1", "1Gi"));

        assertThat(resize("s", Optional.empty(), Map.of("b", to))).isInstanceOf(ResizeAnswer.Done.class);

        assertThat(node.files.get("/kubepods/pods/sb-s-b", "cpu.max")).isEqualTo("100000 100000");
        assertThat(node.files.get("/kubepods/pods/sb-s-b", "cpu.weight")).isEqualTo("59");
    }

    @Test
    void whatNeedsARestartIsSaidAndNotHalfDone() {
        run("s", SHARED, "a", "b");
        ResourceRequirements to = new ResourceRequirements(ResourceList.of("500m", "2Gi"), ResourceList.of("1", "2Gi"));

        assertThat(resize("s", Optional.of(guaranteed("3", "8Gi")), Map.of("b", to)))
                .isEqualTo(new ResizeAnswer.NeedsRestart(java.util.List.of("b")));
        assertThat(node.steps).isEmpty();
    }

    @Test
    void fractionsForAnExclusiveContainerAreInfeasible() {
        run("p", PINNED, "db", "log");

        ResizeAnswer answer = resize("p", Optional.empty(), Map.of("db", guaranteed("2500m", "4Gi")));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        ResizeAnswer.Infeasible.class,
                        it -> assertThat(it.refusal().text())
                                .isEqualTo(
                                        "Infeasible: container \"db\" asked 2500m CPU; it has 2 CPUs for itself (0,16), which come"
                                                + " whole: ask for 3"));
        assertThat(node.steps).isEmpty();
    }

    @Test
    void whatDoesNotFitNowIsKept() {
        run("p", PINNED, "db", "log");
        run("big", spec("""
                {'resources':{'requests':{'cpu':'26','memory':'8Gi'},'limits':{'cpu':'26','memory':'8Gi'}},
                 'containers':[{'name':'a'}]}"""));

        assertThat(resize("p", Optional.of(guaranteed("6", "8Gi")), Map.of()))
                .isInstanceOf(ResizeAnswer.Deferred.class);

        PendingResize pending = state("p").pending().orElseThrow();
        assertThat(pending.condition().reason()).isEqualTo(ResizeCondition.DEFERRED);
        assertThat(pending.desired().orElseThrow().resources()).isEqualTo(guaranteed("6", "8Gi"));
        assertThat(pending.isRetried()).isTrue();
    }

    @Test
    void whatTheNodeHasNotIsRefusedToPodsWithoutCpusOfTheirOwnToo() {
        run("s", SHARED, "a", "b");
        run("big", spec("""
                {'resources':{'requests':{'cpu':'20','memory':'8Gi'},'limits':{'cpu':'20','memory':'8Gi'}},
                 'containers':[{'name':'a'}]}"""));

        assertThat(resize("s", Optional.of(guaranteed("40500m", "4Gi")), Map.of()))
                .isEqualTo(new ResizeAnswer.Infeasible(new Refusal(
                        "Infeasible",
                        Refusal.Kind.PRECONDITION,
                        "Node didn't have enough resource: cpu, requested: 40500, used: 20000, capacity: 32000",
                        "",
                        "asked cpu 40500m, 12 free, 12 fit")));
        assertThat(resize("s", Optional.of(guaranteed("13500m", "4Gi")), Map.of()))
                .isEqualTo(new ResizeAnswer.Deferred(new Refusal(
                        "Deferred",
                        Refusal.Kind.EXHAUSTED,
                        "Node didn't have enough resource: cpu, requested: 13500, used: 20000, capacity: 32000",
                        "",
                        "asked cpu 13500m, 12 free, 12 fit")));
        assertThat(resize("s", Optional.of(guaranteed("1500m", "125Gi")), Map.of()))
                .isInstanceOf(ResizeAnswer.Deferred.class);
    }

    @Test
    void aDryRunChangesNothing() {
        run("s", SHARED, "a", "b");

        ResizeAnswer answer = node.brain.resize(
                new ResizeRequest("default", "s", Optional.of(guaranteed("3", "8Gi")), new TreeMap<>(), 0, true));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        ResizeAnswer.DryRun.class,
                        it -> assertThat(it.plan())
                                .contains("write /kubepods/pods/memory.max: 4294967296 -> 8589934592"));
        assertThat(node.steps).isEmpty();
        assertThat(state("s").spec().orElseThrow().resources()).isEqualTo(guaranteed("1500m", "4Gi"));
    }

    @Test
    void badRequestsNameTheField() {
        run("s", SHARED, "a", "b");

        assertThat(resize("nobody", Optional.empty(), Map.of()))
                .isEqualTo(new ResizeAnswer.UnknownPod("default", "nobody"));
        assertInvalid(
                resize("s", Optional.empty(), Map.of("c", guaranteed("1", "1Gi"))),
                "spec.containers[c].resources: Invalid value: \"c\": no container of the pod: containers may not be"
                        + " added or removed on resize");
        assertInvalid(
                resize(
                        "s",
                        Optional.of(new ResourceRequirements(ResourceList.EMPTY, ResourceList.of("2", "4Gi"))),
                        Map.of()),
                "spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing; it is"
                        + " Guaranteed");
    }

    private static void assertInvalid(ResizeAnswer answer, String message) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        ResizeAnswer.Invalid.class,
                        it -> assertThat(it.refusal().message()).isEqualTo(message));
    }

    @Test
    void theAllocatedSpecIsWhatNewContainersGet() {
        run("s", SHARED, "a");
        resize(
                "s",
                Optional.of(guaranteed("3", "8Gi")),
                Map.of("b", new ResourceRequirements(ResourceList.of("1", "2Gi"), ResourceList.of("2", "2Gi"))));

        PodSandboxRequest pod = node.pod("s", "/kubepods/pods", SHARED);
        assertThat(node.create(pod, "sb-s", "b").cpuQuotaMicros()).isEqualTo(200_000);
        ContainerSpec b = state("s").spec().orElseThrow().container("b").orElseThrow();
        assertThat(b.resources().limits()).isEqualTo(ResourceList.of("2", "2Gi"));
    }
}
