package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.GI;
import static io.podslice.node.brain.BrainFixture.cpuAndMemory;
import static io.podslice.node.brain.BrainFixture.idOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.KnownPod;
import io.podslice.node.NodeRequest;
import io.podslice.node.NodeSources;
import io.podslice.node.PodDevices;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.PodSpecs;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.SpecSource;
import io.podslice.node.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pods without an annotation that a source of the cluster describes, and the faults of such a source. */
final class DescribedPodTest {
    /** 4 CPUs, 2 of them exclusive. */
    private static final String DATABASE = """
            {'resources':{'requests':{'cpu':'4','memory':'4Gi'},'limits':{'cpu':'4','memory':'4Gi'}},
             'containers':[{'name':'db','resources':{'requests':{'cpu':'2','memory':'1Gi'},
                                                     'limits':{'cpu':'2','memory':'1Gi'}}},
                           {'name':'sidecar','kind':'sidecar'}]}""";

    /** Guaranteed by its containers. */
    private static final String PLAIN = """
            {'containers':[{'name':'app','resources':{'limits':{'cpu':'2','memory':'1Gi'}}},
                           {'name':'log','resources':{'limits':{'cpu':'500m','memory':'1Gi'}}}]}""";

    private final BrainFixture node = new BrainFixture();
    private final FakeSpecs specs = new FakeSpecs();
    private final List<String> refused = new ArrayList<>();

    @BeforeEach
    void withASource() {
        start(Duration.ofSeconds(20));
    }

    private void start(Duration timeout) {
        node.sources = new NodeSources(
                specs, PodDevices.NONE, timeout, (pod, refusal) -> refused.add(pod.name() + " " + refusal.reason()));
        node.start();
    }

    private PodSandboxRequest pod(String name, LinuxResources accounted) {
        return pod(name, Map.of(), accounted);
    }

    private PodSandboxRequest pod(String name, Map<String, String> annotations, LinuxResources accounted) {
        node.files.makeAll("/kubepods/pod" + name);
        return node.pod(name, "/kubepods/pod" + name, annotations, accounted);
    }

    private PodSandboxRequest database(String name) {
        return pod(name, cpuAndMemory(4000, 4 * GI));
    }

    static PodSandboxRequest again(PodSandboxRequest pod, LinuxResources accounted) {
        return new PodSandboxRequest(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                pod.attempt() + 1,
                pod.cgroupParent(),
                pod.labels(),
                pod.annotations(),
                accounted,
                pod.overhead());
    }

    private SpecSource sourceOf(String name) {
        return node.view(name).source();
    }

    @Test
    void aPodWithResourcesOfItsOwnIsPlacedAsIfItWereAnnotated() {
        PodSandboxRequest pod = database("p");
        specs.describe(pod, DATABASE);

        assertThat(node.run(pod, "sb")).isNull();
        LinuxResources db = node.create(pod, "sb", "db", cpuAndMemory(2000, GI));

        assertThat(node.view("p").cpus().size()).isEqualTo(4);
        assertThat(CpuSet.parse(db.cpusetCpus()).size()).isEqualTo(2);
        assertThat(node.files.get("/kubepods/podp/" + idOf("sb", "db"), "cpu.max"))
                .as("the quota is lifted")
                .startsWith("max");
        assertThat(node.view("p").inferred()).isFalse();
        assertThat(sourceOf("p")).isEqualTo(SpecSource.PODS_API);
        assertThat(node.view("p").priority()).isEqualTo(7);
        assertThat(node.view("p").containers())
                .extracting(container -> container.name() + " " + container.kind())
                .containsExactly("db app", "sidecar sidecar");
        assertThat(node.brain.sources()).hasSize(1);
    }

    @Test
    void aPlainGuaranteedPodGetsTheCpusThatTheStaticPolicyGives() {
        PodSandboxRequest pod = pod("p", cpuAndMemory(2500, 2 * GI));
        specs.describe(pod, PLAIN);

        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "app", cpuAndMemory(2000, GI));
        node.create(pod, "sb", "log", cpuAndMemory(500, GI));

        assertThat(node.view("p").cpus().size()).isEqualTo(2);
        assertThat(node.cpusOf("p", "app")).isEqualTo(node.view("p").cpus());
        assertThat(node.view("p").containers().get(1).isolation()).isEqualTo("host");
        assertThat(node.files.get("/kubepods/podp", "cpu.max")).startsWith("max");
    }

    @Test
    void aPlainPodThatDoesNotFitSharesAndIsNotRefused() {
        PodSandboxRequest pod = pod("p", cpuAndMemory(40_000, 2 * GI));
        specs.describe(pod, "{'containers':[{'name':'app','resources':{'limits':{'cpu':'40','memory':'2Gi'}}}]}");

        assertThat(node.run(pod, "sb")).isNull();

        assertThat(node.brain.snapshot().exclusiveCpus().isEmpty()).isTrue();
        assertThat(node.create(pod, "sb", "app", cpuAndMemory(40_000, 2 * GI)).cpusetCpus())
                .isEmpty();
        assertThat(refused).isEmpty();
    }

    @Test
    void aPodWithResourcesOfItsOwnThatDoesNotFitIsRefused() {
        PodSandboxRequest pod = pod("p", cpuAndMemory(40_000, 4 * GI));
        specs.describe(pod, DATABASE.replace("'cpu':'4'", "'cpu':'40'"));

        Refusal refusal = Objects.requireNonNull(node.run(pod, "sb"));

        assertThat(refused).containsExactly("p " + refusal.reason());
        assertThat(node.brain.snapshot().pods()).isEmpty();
    }

    /** The kubelet tries a pod again in a sandbox of attempt 0 until one has run. */
    @Test
    void onlyAPodThatHasNeverRunIsToldOfAsRefused() {
        PodSandboxRequest pod = database("p");
        specs.describe(pod, DATABASE);
        assertThat(node.run(pod, "sb")).isNull();
        node.stopSandbox(pod, "sb");
        PodSandboxRequest large = again(pod("q", cpuAndMemory(40_000, 4 * GI)), cpuAndMemory(40_000, 4 * GI));
        specs.describe(large, DATABASE.replace("'cpu':'4'", "'cpu':'40'"));

        assertThat(node.run(large, "sq")).isNotNull();
        assertThat(refused).isEmpty();

        PodSandboxRequest malformed = pod("m", BrainFixture.spec("{"), cpuAndMemory(1000, GI));
        assertThat(node.run(malformed, "sm")).isNotNull();
        assertThat(node.decide(new NodeRequest.ConfirmPodSandbox("sm", malformed)))
                .isInstanceOf(Verdict.Refuse.class);
        assertThat(refused).containsExactly("m InvalidPodSpec", "m InvalidPodSpec");
    }

    /** The kubelet tells more of these, and a spec of many would make a pod's line in the state file a long one. */
    @Test
    void resourcesThatPodsliceDoesNotGoByAreNotKept() {
        String training =
                DATABASE.replace("{'cpu':'2','memory':'1Gi'}", "{'cpu':'2','memory':'1Gi','nvidia.com/gpu':'1'}");
        PodSandboxRequest pod = pod("p", BrainFixture.spec(training), cpuAndMemory(4000, 4 * GI));
        specs.describe(pod, training);

        assertThat(node.run(pod, "sb")).isNull();

        assertThat(node.cpusOf("p", "db").size()).isEqualTo(2);
        assertThat(node.view("p").origin().remarks()).as("they agree").isEmpty();
        assertThat(node.store.saved.pod("uid-p").orElseThrow().description().toString())
                .doesNotContain("nvidia.com");
    }

    @Test
    void aPodOfMoreContainersThanTheStateHasRoomForIsInferred() {
        PodSandboxRequest pod = database("p");
        KnownPod known = specs.describe(pod, DATABASE);
        List<ContainerSpec> many = new ArrayList<>(known.spec().containers());
        for (int i = 0; i < 511; i++) {
            many.add(new ContainerSpec("c" + i, ContainerKind.APP, ResourceRequirements.NONE));
        }
        specs.pods.put(pod.uid(), FakeSpecs.of(pod, new PodSpec(known.spec().resources(), many), 1));

        assertThat(node.run(pod, "sb")).isNull();

        assertThat(sourceOf("p")).isEqualTo(SpecSource.CRI);
        assertThat(node.view("p").cpus().size()).isEqualTo(4);
    }

    /** A fault of a source. */
    record Fault(String name, BiConsumer<FakeSpecs, PodSandboxRequest> fault) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static void lie(FakeSpecs specs, PodSandboxRequest pod, UnaryOperator<KnownPod> lie) {
        specs.pods.computeIfPresent(pod.uid(), (uid, known) -> lie.apply(known));
    }

    /** Answers about a pod of 4 CPUs that are none of it. */
    static List<Fault> faults() {
        return List.of(
                new Fault("away", (specs, pod) -> specs.away()),
                new Fault("nothing", (specs, pod) -> specs.answer = (asked, atMost) -> PodSpecs.Lookup.NOTHING),
                new Fault("unknown uid", (specs, pod) -> specs.pods.clear()),
                new Fault("late", (specs, pod) -> specs.late()),
                new Fault(
                        "throws",
                        (specs, pod) -> specs.answer = (asked, atMost) -> {
                            throw new IllegalStateException("a defect");
                        }),
                new Fault(
                        "other uid",
                        (specs, pod) -> lie(
                                specs,
                                pod,
                                known -> new KnownPod(
                                        known.source(),
                                        "uid-x",
                                        known.namespace(),
                                        known.name(),
                                        known.spec(),
                                        0,
                                        1,
                                        false,
                                        false))),
                new Fault(
                        "other name",
                        (specs, pod) -> lie(
                                specs,
                                pod,
                                known -> new KnownPod(
                                        known.source(),
                                        known.uid(),
                                        known.namespace(),
                                        "x",
                                        known.spec(),
                                        0,
                                        1,
                                        false,
                                        false))),
                new Fault(
                        "other namespace",
                        (specs, pod) -> lie(
                                specs,
                                pod,
                                known -> new KnownPod(
                                        known.source(),
                                        known.uid(),
                                        "x",
                                        known.name(),
                                        known.spec(),
                                        0,
                                        1,
                                        false,
                                        false))),
                new Fault(
                        "no container",
                        (specs, pod) -> lie(
                                specs,
                                pod,
                                known -> FakeSpecs.of(
                                        pod, new PodSpec(known.spec().resources(), List.of()), 1))),
                new Fault(
                        "two containers of one name",
                        (specs, pod) -> lie(specs, pod, known -> {
                            ContainerSpec first = known.spec().containers().getFirst();
                            return FakeSpecs.of(pod, new PodSpec(known.spec().resources(), List.of(first, first)), 1);
                        })),
                new Fault(
                        "request above limit",
                        (specs, pod) -> lie(
                                specs,
                                pod,
                                known -> FakeSpecs.of(
                                        pod,
                                        known.spec()
                                                .withResources(new ResourceRequirements(
                                                        ResourceList.of("8", "4Gi"), ResourceList.of("4", "4Gi"))),
                                        1))),
                new Fault(
                        "other class",
                        (specs, pod) -> specs.describe(
                                pod,
                                "{'containers':[{'name':'db','resources':{'requests':{'cpu':'4','memory':'4Gi'}}}]}")),
                new Fault("best effort", (specs, pod) -> specs.describe(pod, "{'containers':[{'name':'db'}]}")),
                new Fault(
                        "containers of a later generation",
                        (specs, pod) -> specs.describe(
                                pod, DATABASE.replace("'cpu':'4'", "'cpu':'8'").replace("'cpu':'2'", "'cpu':'6'"))),
                new Fault(
                        "plain of a later generation",
                        (specs, pod) -> specs.describe(
                                pod,
                                "{'containers':[{'name':'db','resources':{'limits':{'cpu':'8','memory':'4Gi'}}}]}")));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aPodIsNeitherRefusedNorPlacedByADescriptionThatIsNotIts(Fault fault) {
        start(Duration.ofMillis(50));
        PodSandboxRequest pod = database("p");
        specs.describe(pod, DATABASE);
        fault.fault.accept(specs, pod);

        assertThat(node.run(pod, "sb")).isNull();

        assertThat(sourceOf("p")).isEqualTo(SpecSource.CRI);
        assertThat(node.view("p").inferred()).isTrue();
        assertThat(node.view("p").cpus().size()).as("by inference").isEqualTo(4);
        assertThat(node.create(pod, "sb", "db", cpuAndMemory(2000, GI)).cpusetCpus())
                .isNotEmpty();
    }

    /** A pod that runs loses nothing by what its source says from then on. */
    @ParameterizedTest
    @MethodSource("faults")
    void aSandboxMadeAnewKeepsWhatTheDescribedPodHas(Fault fault) {
        start(Duration.ofMillis(50));
        PodSandboxRequest pod = database("p");
        specs.describe(pod, DATABASE);
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db", cpuAndMemory(2000, GI));
        CpuSet had = node.view("p").cpus();
        CpuSet db = node.cpusOf("p", "db");
        node.stopSandbox(pod, "sb");
        fault.fault.accept(specs, pod);

        PodSandboxRequest anew = again(pod, cpuAndMemory(4000, 4 * GI));
        assertThat(node.run(anew, "sb1")).isNull();
        node.create(anew, "sb1", "db", cpuAndMemory(2000, GI));

        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.cpusOf("p", "db")).isEqualTo(db);
        assertThat(sourceOf("p")).isEqualTo(SpecSource.PODS_API);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void anAnnotatedPodIsTakenAtItsAnnotationWhereNoSourceHasIt(Fault fault) {
        start(Duration.ofMillis(50));
        PodSandboxRequest pod = pod("p", BrainFixture.spec(DATABASE), cpuAndMemory(4000, 4 * GI));
        specs.describe(pod, DATABASE);
        fault.fault.accept(specs, pod);

        assertThat(node.run(pod, "sb")).isNull();

        assertThat(sourceOf("p")).isEqualTo(SpecSource.ANNOTATION);
        assertThat(node.cpusOf("p", "db").size()).isEqualTo(2);
    }

    @Test
    void theSourceWinsOverAnAnnotationThatSaysSomethingElse() {
        String claims = DATABASE.replace("'cpu':'2'", "'cpu':'3'");
        PodSandboxRequest pod = pod("p", BrainFixture.spec(claims), cpuAndMemory(4000, 4 * GI));
        specs.describe(pod, DATABASE);

        assertThat(node.run(pod, "sb")).isNull();

        assertThat(node.cpusOf("p", "db").size()).isEqualTo(2);
        assertThat(node.view("p").origin().remarks())
                .containsExactly("annotation: podslice.io/pod-spec has another spec than podsAPI, which is used:"
                        + " annotations are the tenant's to write");
        LinuxResources db = node.create(pod, "sb", "db", cpuAndMemory(2000, GI));
        assertThat(CpuSet.parse(db.cpusetCpus()).size()).isEqualTo(2);
    }

    /** Without a source this claim is refused: the kubelet has accounted less. */
    @Test
    void anExcessiveAnnotationIsNoReasonToRefuseAPodThatIsDescribed() {
        String claims = DATABASE.replace("'cpu':'4'", "'cpu':'6'");
        PodSandboxRequest pod = pod("p", BrainFixture.spec(claims), cpuAndMemory(4000, 4 * GI));
        specs.describe(pod, DATABASE);

        assertThat(node.run(pod, "sb")).isNull();
        assertThat(node.view("p").cpus().size()).isEqualTo(4);
    }

    @Test
    void choicesForContainersStillComeFromAnnotations() {
        PodSandboxRequest pod = pod("p", Map.of("podslice.io/exclusive.db", "false"), cpuAndMemory(4000, 4 * GI));
        specs.describe(pod, DATABASE);
        assertThat(node.run(pod, "sb")).isNull();
        assertThat(node.view("p").containers().getFirst().isolation()).isEqualTo("pod");

        PodSandboxRequest unknown = pod("q", Map.of("podslice.io/exclusive.dbb", "true"), cpuAndMemory(4000, 4 * GI));
        specs.describe(unknown, DATABASE);
        assertThat(node.run(unknown, "sq"))
                .isNotNull()
                .extracting(Refusal::message)
                .asString()
                .contains("the pod has no container \"dbb\"");
    }

    @Test
    void aChosenContainerOfADescribedPodIsResizedWithoutItsAnnotatedSpec() {
        PodSandboxRequest pod = pod(
                "p",
                Map.of("podslice.io/exclusive.db", "true", "podslice.io/devices.db", "/dev/none"),
                cpuAndMemory(4000, 4 * GI));
        node.devices = device -> CpuSet.of(1);
        node.start();
        specs.describe(pod, DATABASE);
        assertThat(node.run(pod, "sb")).isNull();
        assertThat(node.view("p").numaNodes()).isEqualTo(CpuSet.of(1));
        node.create(pod, "sb", "db", cpuAndMemory(2000, GI));

        Verdict verdict =
                node.decide(new NodeRequest.UpdateContainer(idOf("sb", "db"), Map.of(), cpuAndMemory(3000, GI)));

        assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
        assertThat(node.cpusOf("p", "db").size()).isEqualTo(3);
    }

    /** An annotation may lean on the source's spec, and the source may be away when the pod comes again. */
    @Test
    void aPodWhoseAnnotationNamesDevicesAloneIsNotRefusedForWantOfASource() {
        node.devices = device -> CpuSet.of(1);
        node.start();
        Map<String, String> near = Map.of("podslice.io/devices.db", "/dev/near");
        PodSandboxRequest pod = pod("p", near, cpuAndMemory(4000, 4 * GI));
        specs.describe(pod, DATABASE);
        assertThat(node.run(pod, "sb")).isNull();
        CpuSet had = node.view("p").cpus();
        node.stopSandbox(pod, "sb");
        specs.away();

        assertThat(node.run(again(pod, cpuAndMemory(4000, 4 * GI)), "sb1")).isNull();
        assertThat(node.view("p").cpus()).isEqualTo(had);

        assertThat(node.run(pod("q", near, cpuAndMemory(4000, 4 * GI)), "sq")).isNull();
        assertThat(node.view("q").numaNodes()).isEqualTo(CpuSet.of(1));
        assertThat(node.view("q").source()).isEqualTo(SpecSource.CRI);
    }

    /** Pod and container were made smaller while podslice was away, and the pod was made anew. */
    @Test
    void aSandboxMadeAnewHasASmallerSpecThatPodsliceDidNotSeeAllocated() {
        PodSandboxRequest pod = pod("p", cpuAndMemory(8000, 8 * GI));
        KnownPod known = specs.describe(
                pod, DATABASE.replace("'4'", "'8'").replace("'4Gi'", "'8Gi'").replace("'cpu':'2'", "'cpu':'6'"));
        assertThat(node.run(pod, "sb")).isNull();
        node.create(pod, "sb", "db", cpuAndMemory(6000, GI));
        CpuSet had = node.view("p").cpus();
        assertThat(had.size()).isEqualTo(8);
        node.stopSandbox(pod, "sb");
        specs.pods.put(pod.uid(), FakeSpecs.later(known, DATABASE, 2));

        PodSandboxRequest anew = again(pod, cpuAndMemory(4000, 4 * GI));
        assertThat(node.run(anew, "sb1")).isNull();
        node.create(anew, "sb1", "db", cpuAndMemory(2000, GI));

        assertThat(node.view("p").cpus().size()).isEqualTo(4);
        assertThat(had.containsAll(node.view("p").cpus())).isTrue();
        assertThat(node.cpusOf("p", "db").size()).isEqualTo(2);
        assertThat(node.files.get("/kubepods/podp", "memory.max")).isEqualTo(Long.toString(4 * GI));
    }

    /** The kubelet has allocated another generation of the totals than the source tells of. */
    @Test
    void theTotalsAreThoseThatCriCarries() {
        PodSandboxRequest pod = pod("p", cpuAndMemory(6000, 6 * GI));
        specs.describe(pod, DATABASE);

        assertThat(node.run(pod, "sb")).isNull();
        LinuxResources db = node.create(pod, "sb", "db", cpuAndMemory(3000, 2 * GI));

        assertThat(node.view("p").cpus().size()).isEqualTo(6);
        assertThat(CpuSet.parse(db.cpusetCpus()).size()).isEqualTo(3);
        assertThat(node.files.get("/kubepods/podp", "memory.max")).isEqualTo(Long.toString(6 * GI));
    }

    @Test
    void aSourceThatComesBackDescribesThePodAtItsNextSandboxAndItKeepsItsCpus() {
        PodSandboxRequest pod = pod("p", cpuAndMemory(4000, 4 * GI));
        specs.away();
        assertThat(node.run(pod, "sb")).isNull();
        CpuSet had = node.view("p").cpus();
        assertThat(had.size()).isEqualTo(4);
        node.stopSandbox(pod, "sb");
        specs.back();
        specs.describe(pod, """
                {'containers':[{'name':'app','resources':{'limits':{'cpu':'2','memory':'2Gi'}}},
                               {'name':'log','resources':{'limits':{'cpu':'2','memory':'2Gi'}}}]}""");

        PodSandboxRequest anew = again(pod, cpuAndMemory(4000, 4 * GI));
        assertThat(node.run(anew, "sb1")).isNull();
        node.create(anew, "sb1", "app", cpuAndMemory(2000, 2 * GI));
        node.create(anew, "sb1", "log", cpuAndMemory(2000, 2 * GI));

        assertThat(sourceOf("p")).isEqualTo(SpecSource.PODS_API);
        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.cpusOf("p", "app").size()).isEqualTo(2);
    }

    @Test
    void aSourceThatComesBackDescribesThePodAtItsNextContainerAndItKeepsItsCpus() {
        PodSandboxRequest pod = database("p");
        specs.away();
        assertThat(node.run(pod, "sb")).isNull();
        LinuxResources sidecar = node.create(pod, "sb", "sidecar", cpuAndMemory(4000, 4 * GI));
        CpuSet had = node.view("p").cpus();
        assertThat(CpuSet.parse(sidecar.cpusetCpus())).isEqualTo(had);
        specs.back();
        specs.describe(pod, DATABASE);

        LinuxResources db = node.create(pod, "sb", "db", cpuAndMemory(2000, GI));

        assertThat(sourceOf("p")).isEqualTo(SpecSource.PODS_API);
        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(CpuSet.parse(db.cpusetCpus())).isEqualTo(node.cpusOf("p", "db"));
        assertThat(node.cpusOf("p", "db").size()).isEqualTo(2);
        assertThat(node.files.get("/kubepods/podp/" + idOf("sb", "sidecar"), "cpuset.cpus"))
                .isEqualTo(had.minus(node.cpusOf("p", "db")).toString());
    }

    @Test
    void aDescribedPodWithResourcesOfItsOwnAsksOnceTheStateHasIt() {
        PodSandboxRequest pod = database("p");
        specs.describe(pod, DATABASE);
        NodeRequest run = new NodeRequest.RunPodSandbox(pod);
        assertThat(node.brain.asks(run)).as("an undecided one passes").isFalse();
        assertThat(node.run(pod, "sb")).isNull();
        assertThat(node.brain.asks(
                        new NodeRequest.CreateContainer(node.container(pod, "sb", "db", cpuAndMemory(2000, GI)))))
                .isTrue();

        PodSandboxRequest plain = pod("q", cpuAndMemory(2500, 2 * GI));
        specs.describe(plain, PLAIN);
        assertThat(node.run(plain, "sq")).isNull();
        assertThat(node.brain.asks(
                        new NodeRequest.CreateContainer(node.container(plain, "sq", "app", cpuAndMemory(2000, GI)))))
                .isFalse();
    }

    @Test
    void aDiskThatCannotBeWrittenStopsNoPodThatAsksNothing() {
        PodSandboxRequest plain = pod("q", cpuAndMemory(2500, 2 * GI));
        specs.describe(plain, PLAIN);
        PodSandboxRequest asks = database("p");
        specs.describe(asks, DATABASE);
        node.store.broken = true;

        assertThat(node.run(plain, "sq")).isNull();
        assertThat(node.decide(
                        new NodeRequest.CreateContainer(node.container(plain, "sq", "app", cpuAndMemory(2000, GI)))))
                .isInstanceOf(Verdict.Proceed.class);
    }

    /** Nothing of what the sources say could matter to these. */
    @Test
    void podsThatNoSourceCanTellAnythingOfAreNotLookedUp() {
        node.files.makeAll("/kubepods/besteffort/podb");
        assertThat(node.run(node.pod("b", "/kubepods/besteffort/podb", Map.of()), "sb"))
                .isNull();
        assertThat(node.run(node.pod("o", "/other/podo", Map.of()), "so")).isNull();
        assertThat(specs.asked).isEmpty();

        node.files.makeAll("/kubepods/burstable/podc");
        assertThat(node.run(node.pod("c", "/kubepods/burstable/podc", Map.of()), "sc"))
                .isNull();
        assertThat(specs.asked).containsExactly("uid-c");
    }

    @Test
    void aDescribedBurstablePodThatPodsliceDoesNothingForIsNotKept() {
        node.files.makeAll("/kubepods/burstable/podc");
        PodSandboxRequest pod = node.pod("c", "/kubepods/burstable/podc", Map.of(), cpuAndMemory(500, GI));
        specs.describe(
                pod, "{'containers':[{'name':'a','resources':{'requests':{'cpu':'500m'},'limits':{'memory':'1Gi'}}}]}");

        assertThat(node.run(pod, "sc")).isNull();

        assertThat(node.brain.snapshot().pods()).isEmpty();
        assertThat(node.steps).noneMatch(step -> step.contains("podc"));
    }

    @Test
    void whatASourceSaidOfAPodIsInItsExplanation() {
        PodSandboxRequest pod = database("p");
        specs.describe(pod, DATABASE);
        assertThat(node.brain.explain(pod).origin().source()).isEqualTo(SpecSource.PODS_API);
        assertThat(node.brain.explain(pod).hints()).isNotEmpty();
        specs.away();
        assertThat(node.brain.explain(pod).origin().remarks()).containsExactly("podsAPI: no such socket");
        assertThat(node.brain.explain(pod).origin().source()).isEqualTo(SpecSource.CRI);
    }

    @Test
    void twoLookupsThatDifferLeaveThePodWhereItIs() {
        PodSandboxRequest pod = database("p");
        specs.describe(pod, DATABASE);
        assertThat(node.run(pod, "sb")).isNull();
        CpuSet had = node.view("p").cpus();
        CpuSet db = node.cpusOf("p", "db");
        specs.pods.put(pod.uid(), FakeSpecs.of(pod, FakeSpecs.specOf(DATABASE.replace("'cpu':'2'", "'cpu':'3'")), 2));

        assertThat(node.run(pod, "sb")).as("tried again").isNull();

        assertThat(node.view("p").cpus()).isEqualTo(had);
        assertThat(node.cpusOf("p", "db")).isEqualTo(db);
        assertThat(node.files.exists(new CgroupPath("/kubepods/podp/sb"))).isTrue();
        assertThat(Optional.of(sourceOf("p"))).contains(SpecSource.PODS_API);
    }

    @Test
    void deferredResizesComeInTheOrderOfTheDescribedPriority() {
        PodSandboxRequest big = node.pod("big", "/kubepods/podbig", BrainFixture.spec("""
                {'resources':{'requests':{'cpu':'22','memory':'8Gi'},'limits':{'cpu':'22','memory':'8Gi'}},
                 'containers':[{'name':'a'}]}"""));
        assertThat(node.run(big, "sb-big")).isNull();
        for (String name : List.of("p", "r")) {
            PodSandboxRequest pod = database(name);
            KnownPod known = specs.describe(pod, DATABASE);
            specs.pods.put(
                    pod.uid(),
                    new KnownPod(
                            known.source(),
                            known.uid(),
                            known.namespace(),
                            known.name(),
                            known.spec(),
                            name.equals("r") ? 9 : 0,
                            1,
                            false,
                            false));
            assertThat(node.run(pod, "sb-" + name)).isNull();
            ResourceList ten = ResourceList.of("10", "4Gi");
            assertThat(node.brain.resize(new ResizeRequest(
                            "default",
                            name,
                            Optional.of(new ResourceRequirements(ten, ten)),
                            new TreeMap<>(),
                            0,
                            false)))
                    .isInstanceOf(ResizeAnswer.Deferred.class);
        }
        List<String> order = new ArrayList<>();
        node.files.afterWrite = file -> {
            if (file.endsWith("/cpu.max")) {
                order.add(file);
            }
        };

        node.stopSandbox(big, "sb-big");

        assertThat(order).startsWith("/kubepods/podr/cpu.max");
        assertThat(node.view("p").cpus().size()).isEqualTo(10);
    }
}
