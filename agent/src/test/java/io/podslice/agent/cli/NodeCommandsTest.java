package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.api.ApiOptions;
import io.podslice.agent.api.FakeNode;
import io.podslice.agent.api.NodeApi;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.AssignedDevice;
import io.podslice.node.PodOrigin;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeCondition;
import io.podslice.node.ResizeRequest;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code podslice status} and {@code podslice resize} against a node API. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NodeCommandsTest {
    private final FakeNode node = new FakeNode();
    private final AtomicReference<ApiNode> opened = new AtomicReference<>(new ApiNode.Managed(node));
    private Path folder;
    private Path socket;
    private NodeApi api;

    @BeforeEach
    void start() throws IOException {
        folder = Files.createTempDirectory("cli");
        socket = folder.resolve("podslice.sock");
        api = new NodeApi(socket, Set.of(), _ -> opened.get(), Optional.empty(), ApiOptions.DEFAULT);
    }

    @AfterEach
    void end() throws IOException {
        api.close();
        Files.deleteIfExists(socket);
        Files.delete(folder);
    }

    private CommandLineRun run(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--socket";
        all[args.length + 1] = socket.toString();
        return CommandLineRun.of(all);
    }

    private static ResizeCondition deferred() {
        return new ResizeCondition(
                ResizeCondition.Type.PENDING,
                ResizeCondition.DEFERRED,
                "2 CPUs are missing",
                Instant.now().minusSeconds(600));
    }

    @Test
    void allPodsInALineEach() {
        node.put(FakeNode.pod("database", "1"));
        node.put(FakeNode.pod("web", "1", deferred()));
        CommandLineRun run = run("status");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("""
                POD               PHASE    CPU     MEMORY  CPUS     SHARED  NUMA  RESIZE
                default/database  running  4       2Gi     0-1,8-9  1,9     0
                default/web       running  4 -> 6  2Gi     0-1,8-9  1,9     0     Deferred for 10m

                node shared pool  2-7,10-15
                exclusive CPUs    0,8
                reserved CPUs     15
                2 pods, 1 resize pending
                """);
        assertThat(run.status()).isZero();
    }

    @Test
    void aNodeWithoutPods() {
        assertThat(run("status").out()).isEqualTo("""
                node shared pool  2-7,10-15
                exclusive CPUs    -
                reserved CPUs     15
                0 pods
                """);
    }

    @Test
    void theSourcesOfSpecsAndTheirHealth() {
        node.hasSourcesSince(Instant.now().minusSeconds(600));
        assertThat(run("status").out()).isEqualTo("""
                node shared pool      2-7,10-15
                exclusive CPUs        -
                reserved CPUs         15
                specs from podsAPI    ready, 3 pods
                specs from apiServer  not ready for 10m: connection refused
                0 pods
                """);
        assertThat(run("status", "-o", "json").out())
                .contains("\"sources\": [", "\"name\": \"apiServer\"", "\"detail\": \"connection refused\"")
                .contains("\"found\": 340", "\"failures\": 17");
    }

    @Test
    void onePodWithEverything() {
        node.put(FakeNode.pod("web", "1", deferred()));
        CommandLineRun run = run("status", "default/web");
        assertThat(run.out()).isEqualTo("""
                default/web: running
                  uid               uid-web
                  spec from         its annotation
                  cgroup            /kubepods/podweb
                  NUMA nodes        0
                  pod's CPUs        0-1,8-9
                  pod shared pool   1,9
                  PodResizePending  Deferred for 10m: 2 CPUs are missing
                               desired  allocated  actual
                  pod  cpu     6        4          -/4
                       memory  2Gi      2Gi        -/2Gi
                  app  cpu     2        2          -
                       memory  1Gi      1Gi        -
                                isolation  CPUs  id
                  app  app      container  0,8   id-app
                  log  sidecar  pod        1,9
                       memory.min  memory.low  memory.high  memory.max
                  pod  0           0           max          2Gi
                  app  -           -           -            1Gi
                """);
        assertThat(run.status()).isZero();
    }

    private static PodOrigin podsApi() {
        return new PodOrigin(
                SpecSource.PODS_API,
                1_000,
                List.of("annotation: has another spec, which is not used"),
                Map.of("app", List.of(new AssignedDevice("example.com/gpu", "gpu-2,gpu-3", CpuSet.of(1)))));
    }

    @Test
    void theOriginOfAPodsSpecAndItsDevices() {
        node.put(FakeNode.pod("web", "1", podsApi()));
        assertThat(run("status", "default/web").out()).contains("""
                  uid              uid-web
                  spec from        podsAPI
                  cgroup           /kubepods/podweb
                  NUMA nodes       0
                  pod's CPUs       0-1,8-9
                  pod shared pool  1,9
                  devices          app: example.com/gpu gpu-2,gpu-3 on NUMA node 1
                  priority         1000
                """).doesNotContain("from the sources");
        assertThat(run("status", "default/web", "--explain").out()).contains("""
                  from the sources:
                    annotation: has another spec, which is not used
                """);
        assertThat(run("status", "default/web", "-o", "json").out())
                .contains(
                        "\"specSource\": \"podsAPI\"",
                        "\"priority\": 1000",
                        "\"remarks\": [",
                        "\"resource\": \"example.com/gpu\"",
                        "\"numaNodes\": \"1\"");
    }

    @Test
    void asJson() {
        assertThat(run("status", "-o", "json").out()).contains("\"machine\": {", "[15,7,0,0,0]", "\"2Mi\": 512");
        node.put(FakeNode.pod("web", "1", deferred()));
        assertThat(run("status", "-o", "json").out())
                .contains("\"sharedPool\": \"2-7,10-15\"", "\"reason\": \"Deferred\"", "\"isolation\": \"container\"");
        assertThat(run("status", "default/web", "-o", "json").out()).startsWith("{\n  \"namespace\": \"default\"");
    }

    @Test
    void aPodThatIsNotThere() {
        CommandLineRun run = run("status", "default/nobody");
        assertThat(run.err())
                .isEqualTo("podslice status: pod default/nobody: podslice manages no such pod on this node\n");
        assertThat(run.status()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void whatIsNoPod() {
        CommandLineRun run = run("status", "database");
        assertThat(run.err())
                .isEqualTo("podslice status: \"database\": must be NAMESPACE/POD, e.g. default/database\n");
        assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aNodeThatManagesNothingSaysWhy() {
        opened.set(new ApiNode.Unmanaged("no cgroup v2"));
        CommandLineRun run = run("status");
        assertThat(run.err()).isEqualTo("podslice status: not ready: no cgroup v2\n");
        assertThat(run.status()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void withoutASocket() {
        api.close();
        CommandLineRun run = run("status");
        assertThat(run.err())
                .isEqualTo("podslice status: " + socket
                        + ": no such socket. Is podslice running (podslice serve), with this socket? Name its"
                        + " socket with --socket, or its configuration file with --config\n");
        assertThat(run.status()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void withASocketThatNobodyListensOn() throws IOException {
        api.close();
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        CommandLineRun run = run("resize", "default/a", "--cpu-limit=1");
        assertThat(run.err())
                .isEqualTo(
                        "podslice resize: " + socket
                                + ": Connection refused. No process listens there: podslice has ended; start it with podslice serve\n");
        assertThat(run.status()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void whereTheConfigurationSaysSo() throws IOException {
        Path config = Files.writeString(folder.resolve("podslice.yaml"), """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                shim: {listen: "unix://%s/cri.sock"}
                """.formatted(folder));
        try {
            CommandLineRun run = CommandLineRun.of("status", "--config", config.toString());
            assertThat(run.err()).isEmpty();
            assertThat(run.out()).endsWith("0 pods\n");
        } finally {
            Files.delete(config);
        }
    }

    @Test
    void aResizeAsItIsAskedAndWhatWasWritten() {
        node.put(FakeNode.pod("web", "1"));
        List<ResizeRequest> asked = new ArrayList<>();
        node.answerResizesWith(request -> {
            asked.add(request);
            return request.dryRun()
                    ? new ResizeAnswer.DryRun(List.of("write a"))
                    : new ResizeAnswer.Done(List.of("write a", "write b"));
        });
        String[] args = {
            "resize",
            "default/web",
            "--cpu-request=5",
            "--cpu-limit=6",
            "--memory-limit=3Gi",
            "--container=app=cpu:2/3,memory:1Gi",
            "--container=log=cpu:/1"
        };
        CommandLineRun run = run(args);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("""
                default/web: resized with 2 writes
                  write a
                  write b
                """);
        assertThat(run.status()).isZero();
        ResizeRequest request = asked.getLast();
        assertThat(request.pod().orElseThrow().requests().toString()).isEqualTo("{cpu=5}");
        assertThat(request.pod().orElseThrow().limits().toString()).isEqualTo("{cpu=6, memory=3Gi}");
        assertThat(container(request, "app").requests()).isEqualTo(ResourceList.of("2", "1Gi"));
        assertThat(container(request, "app").limits()).isEqualTo(ResourceList.of("3", "1Gi"));
        assertThat(container(request, "log").requests().isEmpty()).isTrue();
        assertThat(container(request, "log").limits().names()).containsExactly(ResourceName.CPU);

        CommandLineRun dry = run("resize", "default/web", "--cpu-limit=6", "--dry-run");
        assertThat(dry.out()).isEqualTo("default/web: would be resized with 1 write\n  write a\n");
        assertThat(asked.getLast().dryRun()).isTrue();
        assertThat(run("resize", "default/web", "--cpu-limit=6", "-o", "json").out())
                .contains("\"outcome\": \"done\"", "\"write b\"");
    }

    private static ResourceRequirements container(ResizeRequest request, String name) {
        return request.containers().getOrDefault(name, ResourceRequirements.NONE);
    }

    @Test
    void aResizeThatIsNotDone() {
        node.put(FakeNode.pod("web", "1"));
        Refusal refusal = new Refusal("x", Refusal.Kind.PRECONDITION, "2 CPUs are missing");
        node.answerResizesWith(_ -> new ResizeAnswer.Deferred(refusal));
        CommandLineRun run = run("resize", "default/web", "--cpu-limit=6");
        assertThat(run.out()).isEqualTo("""
                        default/web: Deferred: 2 CPUs are missing
                          podslice keeps it, and tries again when resources are freed
                        """);
        assertThat(run.status()).isEqualTo(ExitCode.FAILED);
        node.answerResizesWith(_ -> new ResizeAnswer.Infeasible(refusal));
        assertThat(run("resize", "default/web", "--cpu-limit=6").out())
                .isEqualTo("default/web: Infeasible: 2 CPUs are missing\n");
        node.answerResizesWith(_ -> new ResizeAnswer.NeedsRestart(List.of("app", "log")));
        assertThat(run("resize", "default/web", "--cpu-limit=6").out()).endsWith("would have to restart: app, log\n");
    }

    private void expectUsage(String message, String... args) {
        CommandLineRun run = run(args);
        assertThat(run.err()).isEqualTo("podslice resize: " + message + "\n");
        assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void mistakesOnTheCommandLine() {
        expectUsage(
                "nothing to change: name at least one of --cpu-request, --cpu-limit, --memory-request,"
                        + " --memory-limit, --container",
                "resize",
                "default/web");
        expectUsage(
                "--cpu-limit \"-1\": must be greater than or equal to 0", "resize", "default/web", "--cpu-limit=-1");
        expectUsage(
                "--container \"app\": must be NAME=cpu:AMOUNT,memory:AMOUNT, e.g. database=cpu:2,memory:1Gi",
                "resize",
                "default/web",
                "--container=app");
        expectUsage(
                "--container app \"disk:1\": must be cpu:AMOUNT or memory:AMOUNT",
                "resize",
                "default/web",
                "--container=app=disk:1");
        expectUsage(
                "--container app cpu \"/\": must name a request, a limit, or both",
                "resize",
                "default/web",
                "--container=app=cpu:/");
        expectUsage(
                "--container app \"cpu:2\": cpu is given twice",
                "resize",
                "default/web",
                "--container=app=cpu:1,cpu:2");
    }

    @Test
    void aWatchShowsPodsAsTheyComeAndGo() throws Exception {
        node.put(FakeNode.pod("a", "1"));
        StringWriter out = new StringWriter();
        Thread watching = Thread.ofPlatform().daemon().start(() -> {
            var writer = new PrintWriter(out, true);
            Podslice.run(new String[] {"status", "--watch", "--socket", socket.toString()}, writer, writer);
        });
        awaitText(out, "default/a");
        node.put(FakeNode.pod("b", "1"));
        awaitText(out, "default/b  running");
        node.remove("a");
        awaitText(out, "default/a  gone\n");
        watching.interrupt();
        watching.join(20_000);
        assertThat(watching.isAlive()).isFalse();
    }

    private static void awaitText(StringWriter out, String text) {
        await().atMost(Duration.ofSeconds(20)).until(() -> out.toString().contains(text));
    }
}
