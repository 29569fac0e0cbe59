package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.api.FakeNode;
import io.podslice.agent.record.Recordings;
import io.podslice.agent.status.StatusFile;
import io.podslice.node.ResizeCondition;
import io.podslice.proto.v1.Pod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code podslice replay} answers of a recording from 03:00 on. */
class ReplayCommandTest {
    @TempDir
    private Path folder;

    private Recordings of = new Recordings(Path.of("/"), 0);
    private long both;

    @BeforeEach
    void record() {
        of = new Recordings(folder.resolve("recording"), 1 << 20);
        of.record(); // 03:00:01
        of.node.put(FakeNode.pod("a", "1"));
        of.record(); // 03:00:02
        of.at(Instant.parse("2026-11-30T03:10:00Z"));
        of.node.put(FakeNode.pod(
                "b",
                "1",
                new ResizeCondition(
                        ResizeCondition.Type.PENDING,
                        ResizeCondition.DEFERRED,
                        "no room\u001b[2J",
                        Instant.parse("2026-11-30T03:09:00Z"))));
        both = of.record(); // 03:10:01
        of.at(Instant.parse("2026-11-30T03:20:00Z"));
        of.node.remove("a");
        of.record(); // 03:20:01
        of.stop(); // 03:20:02
    }

    private CommandLineRun replay(String... options) {
        List<String> line = new ArrayList<>(List.of("replay", of.folder.toString(), "--utc"));
        line.addAll(List.of(options));
        return CommandLineRun.of(line.toArray(new String[0]));
    }

    @Test
    void allThatHappened() {
        CommandLineRun run = replay();
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isEqualTo(ExitCode.OK);
        assertThat(run.out().lines())
                .containsExactly(
                        "2026-11-30T03:00:01.000Z  1000  podslice has started",
                        "2026-11-30T03:00:01.000Z  1000  node: CPUs for pods 0-15, node shared pool 2-7,10-15, reserved 15",
                        "2026-11-30T03:00:02.000Z  1001  default/a: running, CPU 4, memory 2Gi, CPUs 0-1,8-9, shared 1,9,"
                                + " NUMA 0, containers app on 0,8",
                        "2026-11-30T03:10:01.000Z  1002  default/b: running, CPU 4, CPU desired 6, memory 2Gi, CPUs 0-1,8-9,"
                                + " shared 1,9, NUMA 0, resize waits, Deferred: no room\\x1b[2J, containers app on 0,8",
                        "2026-11-30T03:20:01.000Z  1003  default/a: gone",
                        "2026-11-30T03:20:02.000Z  1003  podslice has stopped; its pods run on");
        assertThat(replay("--from", "2026-11-30T03:05:00", "--to", "2026-11-30T03:20:01Z")
                        .out())
                .hasLineCount(1)
                .contains("default/b: ");
    }

    @Test
    void theStateAtARevisionAndAtATime() {
        CommandLineRun run = replay("--at", "2026-11-30T03:12");
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .startsWith("revision " + both + ", recorded at 2026-11-30T03:10:01.000Z\n\nPOD  ")
                .containsPattern("default/b +running +4 -> 6 +2Gi +0-1,8-9 +1,9 +0 +Deferred for 3m\n")
                .endsWith("2 pods, 1 resize pending\n");
        assertThat(replay("--at", Long.toString(both)).out())
                .contains("Deferred for 61s")
                .contains("2 pods");
        assertThat(replay("--table").out()).contains("1 pod, 1 resize pending");
    }

    @Test
    void aStateIsASavedStatus() throws Exception {
        StatusFile saved = StatusFile.read(
                "f", replay("--json", "--at", "2026-11-30T03:12").out());
        assertThat(saved.pods()).extracting(Pod::getName).containsExactly("a", "b");
        assertThat(saved.machine()).hasValue(of.node.machine());
    }

    @Test
    void aStateIsDrawn() throws Exception {
        String drawn = replay("--map", "--at", "1001").out();
        Path file = Files.writeString(
                folder.resolve("status.json"), replay("--json", "--at", "1001").out());
        assertThat(drawn)
                .startsWith("revision 1001, ")
                .contains("A  0")
                .endsWith(CommandLineRun.of("map", "--status", file.toString()).out());
    }

    @Test
    void theOwnerOfACpu() {
        assertThat(replay("--cpu", "8", "--at", "2026-11-30T03:05").out()).isEqualTo("""
                CPU 8: default/a: container app, exclusively
                since 2026-11-30T03:00:02.000Z, revision 1001
                until 2026-11-30T03:10:01.000Z, revision 1002
                """);
        assertThat(replay("--cpu", "9", "--at", "1001").out())
                .startsWith("CPU 9: default/a: container log, in the pod shared pool");
        assertThat(replay("--cpu", "7", "--at", "1001").out()).isEqualTo("""
                CPU 7: node shared pool
                since 2026-11-30T03:00:01.000Z, revision 1000
                until the end of the recording
                pods in the node shared pool: none that podslice manages
                """);
        assertThat(replay("--cpu", "99", "--at", "1001").out()).startsWith("CPU 99: the node has no such CPU\n");
        assertThat(replay("--cpu", "8", "--at", "2026-11-30T03:05", "--json").out())
                .contains("\"use\": \"exclusive\"", "\"default/a\"", "\"toRevision\": 1002");
    }

    @Test
    void theHistoryOfACpu() {
        CommandLineRun run = replay("--cpu", "8");
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().map(line -> line.replaceAll(" {2,}", " | ")))
                .containsExactly(
                        "FROM | TO | REVISION | CPU 8",
                        "2026-11-30T03:00:01.000Z | 2026-11-30T03:00:02.000Z | 1000 | no pod",
                        "2026-11-30T03:00:02.000Z | 2026-11-30T03:10:01.000Z | 1001 | default/a: container app, exclusively",
                        "2026-11-30T03:10:01.000Z | 2026-11-30T03:20:01.000Z | 1002 | claimed by several: default/a: container"
                                + " app, exclusively; default/b: container app, exclusively",
                        "2026-11-30T03:20:01.000Z | - | 1003 | default/b: container app, exclusively");
        assertThat(replay("--cpu", "8", "--to", "2026-11-30T03:00:02").out()).hasLineCount(2);
        of.start();
        of.record();
        assertThat(replay("--cpu", "8").err())
                .isEqualTo(
                        "podslice replay: from 2026-11-30T03:20:02.000Z to 2026-11-30T03:20:03.000Z nothing was recorded:"
                                + " podslice had stopped, and its pods ran on\n");
    }

    @Test
    void whatIsNotRecordedIsSaid() {
        CommandLineRun before = replay("--at", "2026-11-30T02:00");
        assertThat(before.status()).isEqualTo(ExitCode.FAILED);
        assertThat(before.err())
                .isEqualTo("podslice replay: nothing was recorded at that moment; the recording begins at"
                        + " 2026-11-30T03:00:01.000Z\n");
        CommandLineRun after = replay("--at", "2026-11-30T03:30");
        assertThat(after.status()).isEqualTo(ExitCode.OK);
        assertThat(after.err()).startsWith("podslice replay: podslice stopped at 2026-11-30T03:20:02.000Z; ");
    }

    @Test
    void damageIsSaidWithFileAndByte() throws Exception {
        Path file = of.folder.resolve("recording-0000000001.podslice");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 40] ^= 1;
        Files.write(file, bytes);
        CommandLineRun run = replay();
        assertThat(run.out()).contains("default/b: ");
        assertThat(run.err()).startsWith("podslice replay: " + file + ": byte ").hasLineCount(1);
        assertThat(run.status()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void aCommandLineThatCannotBeUsed() {
        assertThat(replay("--at", "soon").err()).startsWith("podslice replay: --at \"soon\": must be a revision, or");
        assertThat(replay("--cpu", "-1").err())
                .startsWith("podslice replay: --cpu \"-1\": must be between 0 and 65535");
        assertThat(replay("--cpu", "1", "--map").err()).startsWith("podslice replay: --cpu: has no map");
        assertThat(replay("--map", "--from", "03:00").err()).startsWith("podslice replay: --from and --to: cannot");
        assertThat(replay("--width", "1").err()).startsWith("podslice replay: --width \"1\"");
        CommandLineRun none = CommandLineRun.of("replay", folder.toString());
        assertThat(none.err()).contains(folder + ": has no recording");
        assertThat(none.status()).isEqualTo(ExitCode.USAGE);
        assertThat(CommandLineRun.of("replay", folder + "/no").err()).contains("/no: no such file or folder");
        assertThat(CommandLineRun.of("replay").status()).isEqualTo(ExitCode.USAGE);
    }
}
