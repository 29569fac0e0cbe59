package io.podslice.integration.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.node.CpuIsolation;
import io.podslice.node.brain.StateFolder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Very many pods live and end on one node, whose podslice is never started anew: memory, the files of the state, threads and
 * descriptors are at the end what they were after the first tenth.
 */
@Tag("crash")
final class SoakTest {
    private static final int LIVES = Boolean.getBoolean("podslice.long") ? 100_000 : 2_000;

    /** The heap that may be more at the end than after a tenth: what is loaded late, not what each life leaves. */
    private static final long SOME_BYTES = 4 << 20;

    private static final long MOST_FILE_BYTES = 3 << 20;

    @TempDir
    private Path folder;

    private long longest;

    /** What the process has after a number of lives. */
    private record Use(long heapBytes, int threads, long descriptors) {
        static Use now() throws IOException {
            for (int i = 0; i < 3; i++) {
                System.gc();
            }
            try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
                return new Use(
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                        ManagementFactory.getThreadMXBean().getThreadCount(),
                        open.count());
            }
        }
    }

    @Test
    void aNodeThatHasSeenVeryManyPodsIsAsOneThatHasSeenFew() throws IOException {
        CrashNode node = new CrashNode(new FileCgroups(), true, CpuIsolation.AUTO, _ -> StateFolder.disk(folder));
        Random random = new Random(1);
        List<String> running = new ArrayList<>();
        Use early = Use.now();
        for (int life = 0; life < LIVES; life++) {
            String pod = "p" + life;
            begin(node, pod, random);
            running.add(pod);
            if (running.size() > 8) {
                end(node, running.remove(random.nextInt(running.size())), random);
            }
            if (life % 40 == 0) {
                node.brain().sweep();
            }
            look();
            if (life == LIVES / 10) {
                early = Use.now();
            }
        }
        Use late = Use.now();
        System.out.printf("soak: %d lives, early %s, late %s, longest file %d bytes%n", LIVES, early, late, longest);

        assertThat(late.heapBytes()).isLessThan(early.heapBytes() + SOME_BYTES);
        assertThat(late.threads()).isLessThanOrEqualTo(early.threads() + 2);
        assertThat(late.descriptors()).isLessThanOrEqualTo(early.descriptors() + 2);
        assertThat(longest).isLessThan(MOST_FILE_BYTES);
        running.forEach(pod -> end(node, pod, random));
        node.waitLong();
        assertThat(node.brain().snapshot().pods()).isEmpty();
        node.restart();
        assertThat(node.brain().snapshot().pods()).isEmpty();
    }

    private static void begin(CrashNode node, String pod, Random random) {
        String spec = "{\"resources\":{\"requests\":{\"cpu\":\"3\",\"memory\":\"2Gi\"},\"limits\":{\"cpu\":\"3\","
                + "\"memory\":\"2Gi\"}},\"containers\":[{\"name\":\"a\",\"resources\":{\"requests\":{\"cpu\":\"1\","
                + "\"memory\":\"1Gi\"},\"limits\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}}},{\"name\":\"b\"}]}";
        node.run(new Deed.Admit(pod, spec, "/kubepods/pod" + pod));
        node.run(new Deed.Started(pod));
        for (String container : List.of("a", "b")) {
            node.run(new Deed.Create(pod, container));
            node.run(new Deed.Created(pod, container));
        }
        if (random.nextBoolean()) {
            node.run(new Deed.ResizeSpec(pod, 3 + random.nextInt(2), 2 + random.nextInt(2), 1));
        }
    }

    private static void end(CrashNode node, String pod, Random random) {
        if (random.nextBoolean()) {
            node.run(new Deed.End(pod, "b"));
        }
        node.run(new Deed.Stop(pod));
        node.run(new Deed.Remove(pod));
    }

    private void look() throws IOException {
        for (String name : List.of("state.json", "journal")) {
            longest = Math.max(longest, Files.size(folder.resolve(name)));
        }
    }
}
