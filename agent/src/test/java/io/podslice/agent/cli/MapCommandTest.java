package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.api.ApiOptions;
import io.podslice.agent.api.FakeNode;
import io.podslice.agent.api.NodeApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code podslice map} of a node, of a saved status, and of a plan. */
class MapCommandTest {
    private static final String MAP = """
            +- 16 CPUs, 8 cores, 64Gi -----------------------------+
            | +- socket 0, NUMA node 0, 64Gi, L3 ----------------+ |
            | | 512 huge pages of 2Mi                            | |
            | |  A  0  a  1  .  2  .  3  .  4  .  5  .  6  .  7  | |
            | |  A  8  a  9  . 10  . 11  . 12  . 13  . 14 [. 15] | |
            | +--------------------------------------------------+ |
            +------------------------------------------------------+

                 POD          CPU  MEMORY  EXCLUSIVE  SHARED  NUMA  ISOLATION                 SPEC
            A a  default/web  4    2Gi     0,8        1,9     0     container: app; pod: log  annotation

            A    exclusive to containers of pod A
            a    the shared pool of pod A
            .    the node shared pool
            [ ]  reserved: no pod gets it for itself
            """;

    @TempDir
    private Path scratch;

    private final FakeNode node = new FakeNode();
    private Path folder;
    private Path socket;
    private NodeApi api;

    @BeforeEach
    void start() throws IOException {
        folder = Files.createTempDirectory("cli");
        socket = folder.resolve("podslice.sock");
        api = new NodeApi(socket, Set.of(), _ -> new ApiNode.Managed(node), Optional.empty(), ApiOptions.DEFAULT);
        node.put(FakeNode.pod("web", "1"));
    }

    @AfterEach
    void end() throws IOException {
        api.close();
        Files.deleteIfExists(socket);
        Files.delete(folder);
    }

    @Test
    void ofTheRunningNode() {
        CommandLineRun run = CommandLineRun.of("map", "--socket", socket.toString());
        assertThat(run).isEqualTo(new CommandLineRun(0, MAP, ""));
    }

    @Test
    void ofASavedStatus() throws IOException {
        CommandLineRun saved = CommandLineRun.of("status", "-o", "json", "--socket", socket.toString());
        Path file = Files.writeString(scratch.resolve("status.json"), saved.out());
        assertThat(CommandLineRun.of("map", "--status", file.toString())).isEqualTo(new CommandLineRun(0, MAP, ""));
        Path picture = scratch.resolve("map.svg");
        assertThat(CommandLineRun.of("map", "--status", file.toString(), "--svg", picture.toString()))
                .isEqualTo(new CommandLineRun(0, "", ""));
        assertThat(picture).content().startsWith("<svg ").contains("data-pod=\"default/web\"");
        JsonNode json = JsonMapper.shared()
                .readTree(CommandLineRun.of("map", "--status", file.toString(), "--json")
                        .out());
        assertThat(json.at("/machine/parts/0/kind").asString()).isEqualTo("socket");
        assertThat(json.at("/pods/0/letter").asString()).isEqualTo("A");
        assertThat(json.at("/pods/0/sharedPool").asString()).isEqualTo("1,9");
    }

    @Test
    void ofASavedStatusThatTellsNoMachine() throws IOException {
        Path file = Files.writeString(
                scratch.resolve("status.json"), "{\"sharedPool\": \"0-1\", \"pods\": [], \"tomorrow\": 1}");
        assertThat(CommandLineRun.of("map", "--status", file.toString()))
                .isEqualTo(new CommandLineRun(
                        2, "", "podslice map: the status does not tell the node's machine: name it with --machine\n"));
        Path machine = Files.writeString(scratch.resolve("machine.json"), "{\"cpus\": [[0,0,0,0,-1], [1,1,0,0,-1]]}");
        assertThat(CommandLineRun.of("map", "--status", file.toString(), "--machine", machine.toString())
                        .out())
                .startsWith("+- 2 CPUs, 2 cores ")
                .contains(" . 0  . 1 ");
    }

    @Test
    void ofAPlanBeforeAndAfter() throws IOException {
        Path machine = Files.writeString(scratch.resolve("machine.json"), "{\"cpus\": [[0,0,0,0,-1], [1,1,0,0,-1]]}");
        Path first = manifest("first", 1);
        Path second = manifest("second", 4);
        CommandLineRun run = CommandLineRun.of(
                "map", "--machine", machine.toString(), "--pod", first.toString(), "--pod", second.toString());
        assertThat(run.status()).isEqualTo(ExitCode.FAILED);
        assertThat(run.out())
                .startsWith("before\n+-")
                .contains("\nafter\n+-", "A    default/first  1", "default/second: refused: ");
        JsonNode json = JsonMapper.shared()
                .readTree(CommandLineRun.of("map", "--machine", machine.toString(), "--pod", first.toString(), "--json")
                        .out());
        assertThat(json.at("/before/pods").size()).isZero();
        assertThat(json.at("/after/pods/0/cpus").asString()).isEqualTo("0");
    }

    private Path manifest(String name, int cpus) throws IOException {
        return Files.writeString(
                scratch.resolve(name + ".yaml"), """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  resources: &all
                    requests: {cpu: "%2$d", memory: 1Gi}
                    limits: {cpu: "%2$d", memory: 1Gi}
                  containers:
                  - name: app
                    resources: {requests: {cpu: "%2$d", memory: 1Gi}, limits: {cpu: "%2$d", memory: 1Gi}}
                """.formatted(name, cpus).replace(" &all", ""));
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        Path text = Files.writeString(scratch.resolve("no.json"), "{\"pods\": 1, \"machine\": {\"cpus\": []}}");
        assertThat(CommandLineRun.of("map", "--status", text.toString()))
                .isEqualTo(new CommandLineRun(2, "", """
                        podslice map: %1$s:1:10: pods: must be a list, not an integer (1)
                        %1$s:1:25: cpus: is empty; a machine has at least one CPU
                        """.formatted(text)));
        Path other = Files.writeString(scratch.resolve("other.json"), "{\"cpus\": \"0\"}");
        assertThat(CommandLineRun.of("map", "--status", other.toString()).err()).contains("is no status: has no");
        Path lie = Files.writeString(
                scratch.resolve("lie.json"),
                "{\"sharedPool\": \"\", \"machine\": {\"cpus\": [[0,0,0,0,0]]}, \"pods\": [{\"namespace\": \"a\","
                        + " \"name\": \"b\\u001b\", \"cpus\": \"9-1\"}]}");
        assertThat(CommandLineRun.of("map", "--status", lie.toString()).err())
                .startsWith("podslice map: a/b\\x1b: cpus \"9-1\": ");
        assertThat(CommandLineRun.of("map", "--width", "3").err())
                .isEqualTo("podslice map: --width \"3\": must be between 40 and 1000\n");
        assertThat(CommandLineRun.of("map", "--status", "a", "--pod", "b").err())
                .isEqualTo("podslice map: --status and --pod: a map is of one or the other\n");
        assertThat(CommandLineRun.of(
                                "map", "--svg", scratch.resolve("no/map.svg").toString(), "--socket", socket.toString())
                        .err())
                .contains("cannot be written");
        assertThat(CommandLineRun.of("map", "--svg", "a", "--json").status()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void ofANodeThatManagesNothing() {
        api.close();
        api = new NodeApi(
                socket, Set.of(), _ -> new ApiNode.Unmanaged("no cgroup v2"), Optional.empty(), ApiOptions.DEFAULT);
        assertThat(CommandLineRun.of("map", "--socket", socket.toString()))
                .isEqualTo(new CommandLineRun(1, "", "podslice map: not ready: no cgroup v2\n"));
    }
}
