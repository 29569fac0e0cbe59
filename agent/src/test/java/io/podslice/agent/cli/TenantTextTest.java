package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.api.ApiOptions;
import io.podslice.agent.api.FakeNode;
import io.podslice.agent.api.NodeApi;
import io.podslice.agent.status.StatusTable;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeCondition;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing that a tenant can write reaches root's terminal as a command to it: no control character, no mark of direction. */
final class TenantTextTest {
    /** A name as crictl takes it: clears the screen, begins a line, and turns the direction of writing. */
    private static final String NAME = "x\u001b[2J\ny\u009b1m\u202e";

    private final FakeNode node = new FakeNode();
    private Path folder;
    private Path socket;
    private NodeApi api;

    @BeforeEach
    void start() throws IOException {
        folder = Files.createTempDirectory("cli");
        socket = folder.resolve("podslice.sock");
        api = new NodeApi(socket, Set.of(), _ -> new ApiNode.Managed(node), Optional.empty(), ApiOptions.DEFAULT);
        node.put(FakeNode.pod(
                NAME,
                "1",
                new ResizeCondition(ResizeCondition.Type.PENDING, ResizeCondition.DEFERRED, NAME, Instant.EPOCH)));
    }

    @AfterEach
    void end() throws IOException {
        api.close();
        Files.deleteIfExists(socket);
        Files.delete(folder);
    }

    private static void assertHarmless(String text) {
        assertThat(text).isNotEmpty();
        assertThat(text.codePoints().filter(c -> c != '\n'))
                .as(text)
                .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
        assertThat(text.lines()).as("lines of the name's own").noneMatch(line -> line.startsWith("y"));
    }

    private String run(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--socket";
        all[args.length + 1] = socket.toString();
        CommandLineRun run = CommandLineRun.of(all);
        return run.out() + run.err();
    }

    @Test
    void byStatus() {
        assertHarmless(run("status"));
        assertHarmless(run("status", "default/" + NAME));
        assertHarmless(run("status", "-o", "json"));
        assertHarmless(run("status", "default/" + NAME, "-o", "json"));
        assertHarmless(run("status", "default/other" + NAME));
        assertHarmless(StatusTable.gone(
                PodReference.newBuilder().setNamespace("default").setName(NAME).build()));
        assertHarmless(new StatusTable(Instant.EPOCH)
                .changes(
                        false,
                        List.of(Pod.newBuilder()
                                .setName(NAME)
                                .setSharedPool(NAME)
                                .build()),
                        List.of(PodReference.newBuilder().setName(NAME).build())));
    }

    @Test
    void byMap() {
        assertHarmless(run("map"));
        assertHarmless(run("map", "--json"));
        assertHarmless(run("map", "--svg", "-"));
    }

    @Test
    void byResize() {
        Refusal refusal = new Refusal(ResizeCondition.DEFERRED, Refusal.Kind.EXHAUSTED, "no room for " + NAME, NAME);
        List<ResizeAnswer> answers = List.of(
                new ResizeAnswer.Done(List.of(NAME)),
                new ResizeAnswer.Deferred(refusal),
                new ResizeAnswer.Infeasible(refusal),
                new ResizeAnswer.NeedsRestart(List.of(NAME)),
                new ResizeAnswer.UnknownPod("default", NAME),
                new ResizeAnswer.Invalid(refusal),
                new ResizeAnswer.Failed(refusal));
        for (ResizeAnswer answer : answers) {
            node.answerResizesWith(_ -> answer);
            assertHarmless(run("resize", "default/" + NAME, "--cpu-limit", "2"));
            assertHarmless(run("resize", "default/" + NAME, "--cpu-limit", "2", "-o", "json"));
        }
        assertHarmless(run("resize", "default/" + NAME, "--cpu-limit", NAME));
        assertHarmless(run("resize", "default/" + NAME, "--container", NAME));
        assertHarmless(run("resize", NAME, "--cpu-limit", "1"));
    }

    @Test
    void byPlan() throws IOException {
        Path file = Files.writeString(folder.resolve("pod.yaml"), """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "annotations": {
                  "podslice.io/x\\u001b\\n": "\\u009b", "podslice.io/exclusive.\\u001b": "\\u202e"}},
                 "spec": {"containers": [{"name": "a"}], "\\u001b[2J": 1}}
                """);
        try {
            CommandLineRun run = CommandLineRun.of("plan", "--pod", file.toString());
            assertHarmless(run.out() + run.err());
        } finally {
            Files.delete(file);
        }
    }
}
