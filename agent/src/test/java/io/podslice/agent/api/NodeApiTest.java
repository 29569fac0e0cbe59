package io.podslice.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.podslice.cluster.shard.ShardSelector;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeCondition;
import io.podslice.proto.v1.ListPodsRequest;
import io.podslice.proto.v1.ListPodsResponse;
import io.podslice.proto.v1.NodeCondition;
import io.podslice.proto.v1.NodeGrpc;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.ResizeOutcome;
import io.podslice.proto.v1.ResizePodRequest;
import io.podslice.proto.v1.ResizePodResponse;
import io.podslice.proto.v1.Resources;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.proto.v1.WatchPodsRequest;
import io.podslice.proto.v1.WatchPodsResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The node API over its socket, on a node that the test sets. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NodeApiTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofMillis(300);

    private final FakeNode node = new FakeNode();
    private final AtomicReference<ApiNode> opened = new AtomicReference<>(new ApiNode.Managed(node));
    private Path folder;
    private Path socket;
    private NodeApi api;
    private NodeApiClient client;

    @BeforeEach
    void start() throws IOException {
        folder = Files.createTempDirectory("api");
        socket = folder.resolve("podslice.sock");
        api = new NodeApi(
                socket, Set.of(), _ -> opened.get(), Optional.empty(), new ApiOptions(Duration.ofMillis(50), PATIENCE));
        client = new NodeApiClient(socket);
    }

    @AfterEach
    void end() throws IOException {
        client.close();
        api.close();
        assertThat(socket).doesNotExist();
        Files.delete(folder);
    }

    private static WatchPodsRequest from(long revision) {
        return WatchPodsRequest.newBuilder().setRevision(revision).build();
    }

    private long revision() {
        return client.node(LONG).listPods(ListPodsRequest.getDefaultInstance()).getRevision();
    }

    private void expect(String message) {
        assertThatThrownBy(this::revision).hasMessageStartingWith(message);
    }

    @Test
    void theSocketIsForRootAndItsGroup() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-rw----");
    }

    @Test
    void nothingOfGrpcRunsUntilSomebodyConnectsNorAfterAllHaveGone() {
        assertThat(api.isServing()).isFalse();
        revision();
        assertThat(api.isServing()).isTrue();
        client.close();
        await().atMost(LONG).until(() -> !api.isServing());
        try (NodeApiClient another = new NodeApiClient(socket)) {
            assertThat(another.node(LONG)
                            .status(StatusRequest.getDefaultInstance())
                            .getPods())
                    .isZero();
        }
    }

    @Test
    void whoWatchedGoesOnAfterTheServerHasRested() {
        node.put(FakeNode.pod("a", "1"));
        long seen = revision();
        client.close();
        await().atMost(LONG).until(() -> !api.isServing());
        node.put(FakeNode.pod("b", "1"));
        try (NodeApiClient another = new NodeApiClient(socket)) {
            WatchPodsResponse first = another.node(LONG).watchPods(from(seen)).next();
            assertThat(first.getRelist()).isFalse();
            assertThat(first.getPodsList()).extracting(Pod::getName).containsExactly("b");
        }
    }

    /** Of the uids "uid-a" to "uid-h" each is in exactly one of two shards. */
    @Test
    void aShardIsListedAndWatched() {
        List<String> names = List.of("a", "b", "c", "d", "e", "f", "g", "h");
        names.forEach(name -> node.put(FakeNode.pod(name, "1")));
        List<String> listed = new ArrayList<>();
        List<String> sent = new ArrayList<>();
        for (int shard = 0; shard < 2; shard++) {
            String selector = ShardSelector.part(shard, 2).text();
            ListPodsResponse list = client.node(LONG)
                    .listPods(ListPodsRequest.newBuilder()
                            .setShardSelector(selector.replace('\'', '"'))
                            .build());
            assertThat(list.getShardInfo().getSelector()).isEqualTo(selector);
            list.getPodsList().forEach(pod -> listed.add(pod.getName()));
            WatchPodsResponse first = client.node(LONG)
                    .watchPods(from(0).toBuilder().setShardSelector(selector).build())
                    .next();
            assertThat(first.getShardInfo().getSelector()).isEqualTo(selector);
            assertThat(first.getPodsList()).isEqualTo(list.getPodsList());
            first.getPodsList().forEach(pod -> sent.add(pod.getName()));
        }
        assertThat(listed).containsExactlyInAnyOrderElementsOf(names).isEqualTo(sent);
        assertThat(client.node(LONG)
                        .listPods(ListPodsRequest.getDefaultInstance())
                        .hasShardInfo())
                .isFalse();
    }

    @Test
    void aQuietShardsRevisionRises() {
        String uid = "uid-a";
        int its = ShardSelector.part(0, 2).matches(uid, "") ? 0 : 1;
        long seen = revision();
        Iterator<WatchPodsResponse> quiet = client.node(LONG)
                .watchPods(from(seen).toBuilder()
                        .setShardSelector(ShardSelector.part(1 - its, 2).text())
                        .build());
        WatchPodsResponse first = quiet.next();
        assertThat(first.hasShardInfo()).isTrue();
        assertThat(first.getRevision()).isEqualTo(seen);
        node.put(FakeNode.pod("a", "1"));
        WatchPodsResponse second = quiet.next();
        assertThat(second.getRevision()).isGreaterThan(seen);
        assertThat(second.hasShardInfo()).isFalse();
        assertThat(second.getPodsList()).isEmpty();
        node.remove("a");
        assertThat(quiet.next().getRemovedList()).isEmpty();
    }

    @Test
    void aSelectorThatIsNoneIsRefused() {
        ListPodsRequest list =
                ListPodsRequest.newBuilder().setShardSelector("x").build();
        assertThatThrownBy(() -> client.node(LONG).listPods(list))
                .hasMessage("INVALID_ARGUMENT: shard_selector: \"x\": CEL parse error: '(' is missing at character 2");
        assertThatThrownBy(() -> client.node(LONG)
                        .watchPods(from(0).toBuilder().setShardSelector(" ").build())
                        .next())
                .hasMessageStartingWith("INVALID_ARGUMENT: shard_selector: \" \": empty shard selector");
    }

    @Test
    void whileTheStateIsReadCallersAreToldSo() {
        opened.set(new ApiNode.Opening());
        expect("UNAVAILABLE: podslice is still reading its state");
        assertThat(client.node(LONG).status(StatusRequest.getDefaultInstance()).getCondition())
                .isEqualTo(NodeCondition.NODE_CONDITION_OPENING);
        opened.set(new ApiNode.Managed(node));
        assertThat(revision()).isPositive();
    }

    @Test
    void whereNothingCanBeManagedCallersAreToldWhy() {
        opened.set(new ApiNode.Unmanaged("no cgroup v2"));
        expect("FAILED_PRECONDITION: podslice manages no pods on this node: no cgroup v2");
        assertThat(client.node(LONG).status(StatusRequest.getDefaultInstance()).getMessage())
                .isEqualTo("no cgroup v2");
    }

    @Test
    void aBrainThatFailsIsInternalAndEndsItsWatchers() {
        Iterator<WatchPodsResponse> watch = client.node().watchPods(from(0));
        assertThat(watch.next().getRelist()).isTrue();
        node.fail();
        expect("INTERNAL: the disk is on fire");
        assertThatThrownBy(watch::next).hasMessage("INTERNAL: the disk is on fire");
    }

    private ResizePodResponse resize() {
        return client.node(LONG)
                .resizePod(ResizePodRequest.newBuilder()
                        .setPod(PodReference.newBuilder().setUid("uid-a"))
                        .setResources(Resources.newBuilder().putLimits("cpu", "6"))
                        .build());
    }

    @Test
    void everyAnswerToAResizeHasItsOutcome() {
        node.put(FakeNode.pod("a", "1"));
        Refusal refusal = new Refusal("Deferred", Refusal.Kind.PRECONDITION, "2 CPUs are free");
        node.answerResizesWith(request -> {
            assertThat(request.fullName()).isEqualTo("default/a");
            assertThat(request.dryRun()).isFalse();
            return new ResizeAnswer.Deferred(refusal);
        });
        assertThat(resize().getOutcome()).isEqualTo(ResizeOutcome.RESIZE_OUTCOME_DEFERRED);
        node.answerResizesWith(_ -> new ResizeAnswer.Infeasible(refusal));
        assertThat(resize()).satisfies(answer -> {
            assertThat(answer.getOutcome()).isEqualTo(ResizeOutcome.RESIZE_OUTCOME_INFEASIBLE);
            assertThat(answer.getMessage()).isEqualTo("2 CPUs are free");
        });
        node.answerResizesWith(_ -> new ResizeAnswer.NeedsRestart(List.of("app")));
        assertThat(resize()).satisfies(answer -> {
            assertThat(answer.getOutcome()).isEqualTo(ResizeOutcome.RESIZE_OUTCOME_NEEDS_RESTART);
            assertThat(answer.getRestartsList()).containsExactly("app");
        });
        node.answerResizesWith(_ -> new ResizeAnswer.Done(List.of("write a")));
        assertThat(resize()).satisfies(answer -> {
            assertThat(answer.getOutcome()).isEqualTo(ResizeOutcome.RESIZE_OUTCOME_DONE);
            assertThat(answer.getWritesList()).containsExactly("write a");
            assertThat(answer.getPod().getName()).isEqualTo("a");
        });
        node.answerResizesWith(_ -> new ResizeAnswer.Invalid(refusal));
        assertThatThrownBy(this::resize).hasMessage("INVALID_ARGUMENT: Deferred: 2 CPUs are free");
        node.answerResizesWith(_ -> new ResizeAnswer.Failed(refusal));
        assertThatThrownBy(this::resize).hasMessage("INTERNAL: Deferred: 2 CPUs are free");
        node.answerResizesWith(_ -> new ResizeAnswer.UnknownPod("default", "a"));
        assertThatThrownBy(this::resize).hasMessageStartingWith("NOT_FOUND: pod default/a");
    }

    @Test
    void whoDoesNotReadIsDroppedAndCanGoOn() throws Exception {
        long seen = revision();
        CompletableFuture<Status> ended = new CompletableFuture<>();
        try (NodeApiClient deaf = new NodeApiClient(socket)) {
            ClientCall<WatchPodsRequest, WatchPodsResponse> call =
                    deaf.channel().newCall(NodeGrpc.getWatchPodsMethod(), CallOptions.DEFAULT);
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            ended.complete(status);
                        }
                    },
                    new Metadata());
            call.sendMessage(from(seen));
            call.halfClose();
            Iterator<WatchPodsResponse> reader = client.node().watchPods(from(seen));
            await().atMost(LONG).until(() -> api.watching() == 2);
            // More than HTTP/2 buffers for the client that does not read; the reading client gets each change by
            // itself.
            String large = "x".repeat(100_000);
            for (int i = 0; i < 30; i++) {
                node.put(FakeNode.pod(
                        "a",
                        Integer.toString(i),
                        new ResizeCondition(ResizeCondition.Type.PENDING, "Deferred", large, Instant.EPOCH)));
                assertThat(reader.next().getPodsList()).hasSize(1);
            }
            await().atMost(LONG).until(() -> api.watching() == 1);
            call.request(100);
            assertThat(ended.get(20, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(ended.get().getDescription()).contains("watch again from there");
            node.remove("a");
            assertThat(reader.next().getRemovedList()).hasSize(1);
        }
        assertThat(client.node(LONG).watchPods(from(seen)).next().getRemovedList())
                .hasSize(1);
    }

    @Test
    void anotherUserIsTurnedAwayBeforeAnythingIsLoaded() throws Exception {
        assumeTrue(Files.getOwner(Path.of("/proc/self")).getName().equals("root"), "only root can connect as another");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        Process process = new ProcessBuilder(
                        "setpriv",
                        "--reuid=61234",
                        "--regid=61234",
                        "--clear-groups",
                        "/usr/bin/perl",
                        "-MIO::Socket::UNIX",
                        "-e",
                        "my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!; print sysread($s, my $b, 10);",
                        socket.toString())
                .redirectErrorStream(true)
                .start();
        String read = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(read).isEqualTo("0");
        assertThat(process.waitFor()).isZero();
        assertThat(api.isServing()).isFalse();
    }
}
