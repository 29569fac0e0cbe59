package io.podslice.node.brain;

import static io.podslice.node.brain.BrainFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.node.state.FileStateStore;
import io.podslice.node.state.FolderDisk;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodIdentity;
import io.podslice.node.state.PodState;
import io.podslice.node.state.StateChange;
import io.podslice.node.state.StateStore;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/** Files of the state that hold anything: each costs what cannot be used of it, and never the start. */
final class DamagedStateTest {
    private static final String NEEDLESS = "{'containers':[{'name':'a'}]}";

    @TempDir
    private Path folder;

    private final BrainFixture node = new BrainFixture();
    private NodeState state = NodeState.EMPTY;

    @BeforeEach
    void threePods() {
        for (String name : List.of("p", "q", "r")) {
            node.run(node.pod(name, "/kubepods/burstable/pod" + name, spec(NEEDLESS)), "sb-" + name);
        }
        state = node.store.saved;
        assertThat(state.pods()).hasSize(3);
    }

    private FileStateStore store() {
        return new FileStateStore(new FolderDisk(folder), node.clock, "boot");
    }

    private Path file() {
        return folder.resolve("state.json");
    }

    private Path journal() {
        return folder.resolve("journal");
    }

    private void save() {
        FileStateStore store = store();
        store.load();
        store.checkpoint(state);
    }

    private List<Path> aside() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().contains(".unusable-"))
                    .toList();
        }
    }

    private void expectWithoutQ(String remark) throws IOException {
        String damaged = Files.readString(file());
        FileStateStore store = store();
        StateStore.Saved saved = store.load();
        assertThat(saved.state()).isEqualTo(state.without("uid-q"));
        assertThat(saved.remarks())
                .singleElement()
                .asString()
                .contains(remark, "the other pods are used; kept as state.json.unusable-");

        store.checkpoint(saved.state());
        assertThat(aside()).singleElement().satisfies(kept -> assertThat(kept).hasContent(damaged));
        assertThat(store().load()).isEqualTo(new StateStore.Saved(state.without("uid-q"), saved.undo(), List.of()));
    }

    @Test
    void aDamagedPodCostsThatPodAlone() throws IOException {
        save();
        Files.writeString(
                file(),
                Files.readString(file()).replace("\"cgroup\":\"/kubepods/burstable/podq\"", "\"cgroup\":7.5.1"));
        expectWithoutQ("line 3 is damaged: ");
    }

    @Test
    void aValueOfAPodThatIsNoneCostsThatPodAlone() throws IOException {
        save();
        Files.writeString(file(), Files.readString(file()).replace("/kubepods/burstable/podq", "kubepods/../podq"));
        expectWithoutQ("line 3 is damaged: ");
    }

    @Test
    void aPodThatIsTooLongCostsThatPodAlone() throws IOException {
        save();
        Files.writeString(file(), Files.readString(file()).replace("/kubepods/burstable/podq", "/q".repeat(600 << 10)));
        expectWithoutQ("line 3 is longer than 1048576 bytes");
    }

    @Test
    void ofAFileThatEndsInTheMiddleThePodsBeforeThatAreUsed() throws IOException {
        save();
        String whole = Files.readString(file());
        Files.writeString(file(), whole.substring(0, whole.indexOf("\"uid\":\"uid-r\"") - 1));

        StateStore.Saved saved = store().load();

        assertThat(saved.state()).isEqualTo(state.without("uid-r"));
        assertThat(saved.remarks()).singleElement().asString().contains("ends after line 3, in the middle");
    }

    @Test
    void aFileThatWasFormattedByHandIsReadToo() throws IOException {
        save();
        JsonMapper mapper = JsonMapper.builder().build();
        String text =
                mapper.writerWithDefaultPrettyPrinter().writeValueAsString(mapper.readTree(Files.readString(file())));
        Files.writeString(file(), text);

        assertThat(store().load()).isEqualTo(new StateStore.Saved(state, Plan.EMPTY, List.of()));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNoFileIsSetAsideWhole(NoFile kind) throws Exception {
        for (Path path : List.of(file(), journal())) {
            kind.make(path);
        }
        FileStateStore store = store();
        StateStore.Saved saved = store.load();
        assertThat(saved.state()).isEqualTo(NodeState.EMPTY);
        assertThat(saved.remarks()).hasSize(2).allMatch(remark -> remark.contains("cannot be read"));
        store.checkpoint(state);
        assertThat(store().load().state()).isEqualTo(state);
    }

    /** Anything that is in the place of a file. */
    enum NoFile {
        FOLDER,
        PIPE,
        DEVICE;

        void make(Path path) throws Exception {
            switch (this) {
                case FOLDER -> Files.createDirectories(path.resolve("with/folders"));
                case PIPE ->
                    assertThat(new ProcessBuilder("mkfifo", path.toString())
                                    .start()
                                    .waitFor())
                            .isZero();
                case DEVICE -> Files.createSymbolicLink(path, Path.of("/dev/zero"));
            }
        }
    }

    /** A journal whose good lines are not yet in the state file stays in its place until they are. */
    @Test
    void aDamagedJournalIsSetAsideOnceItsGoodLinesAreSaved() throws IOException {
        FileStateStore store = store();
        store.load();
        store.checkpoint(NodeState.EMPTY);
        store.record("p", StateChange.between(NodeState.EMPTY, state));
        Files.writeString(journal(), Files.readString(journal()) + "damaged\ndamaged\n");

        FileStateStore next = store();
        assertThat(next.load().state()).isEqualTo(state);
        assertThat(aside()).isEmpty();
        assertThat(store().load().state())
                .as("started once more before it was saved")
                .isEqualTo(state);
        next.checkpoint(state);
        assertThat(aside()).singleElement().asString().contains("journal.unusable-");
        assertThat(store().load()).isEqualTo(new StateStore.Saved(state, Plan.EMPTY, List.of()));
    }

    // ---- Memory

    /** A folder's content that must not take more memory than a node's heap has. */
    enum Huge {
        ZEROS(0) {
            @Override
            void write(Path folder) throws IOException {
                sparse(folder.resolve("state.json"));
                sparse(folder.resolve("journal"));
            }
        },
        LONG_LINES(0) {
            @Override
            void write(Path folder) throws IOException {
                String head = "{\"version\":4,\"generation\":1,\"bootId\":\"\",\"memoryQos\":" + QOS + ",\"pods\":[\n";
                repeat(folder.resolve("state.json"), head, "x".repeat(900 << 10) + "\n", 30);
                repeat(folder.resolve("journal"), "", "y".repeat(2 << 20), 20);
            }
        },
        EMPTY_LINES(0) {
            @Override
            void write(Path folder) throws IOException {
                String head = "{\"version\":4,\"generation\":1,\"bootId\":\"\",\"memoryQos\":" + QOS + ",\"pods\":[\n";
                repeat(folder.resolve("state.json"), head, "\n".repeat(1 << 20), 64);
                repeat(folder.resolve("journal"), "", "\n".repeat(1 << 20), 64);
            }
        },
        NESTED(0) {
            @Override
            void write(Path folder) throws IOException {
                repeat(folder.resolve("state.json"), "", "[".repeat(1 << 20), 3);
            }
        },
        MANY_VALUES(0) {
            @Override
            void write(Path folder) throws IOException {
                repeat(folder.resolve("state.json"), "{\"version\":3,\"pods\":[", "{},".repeat(1 << 20), 1);
            }
        },
        MANY_VALUES_IN_A_LINE(0) {
            @Override
            void write(Path folder) throws IOException {
                String head = "{\"version\":4,\"generation\":1,\"bootId\":\"\",\"memoryQos\":" + QOS + ",\"pods\":[\n";
                repeat(folder.resolve("state.json"), head, "{\"a\":[" + "[],".repeat(300_000) + "[]]},\n", 30);
            }
        },
        /** More pods than any kubelet runs, each with an annotation as long as one may be. */
        MANY_PODS(512) {
            @Override
            void write(Path folder) throws IOException {
                FileStateStore store = new FileStateStore(new FolderDisk(folder), Clock.systemUTC(), "boot");
                store.load();
                store.checkpoint(largePods(512));
                store.record("all go and come", StateChange.between(NodeState.EMPTY, largePods(512)));
            }
        };

        static final String QOS =
                "{\"tiered\":false,\"throttlingFactor\":0.0,\"version\":\"1.37\",\"minHeadroomPercent\":0,"
                        + "\"pageBytes\":4096,\"allocatableBytes\":0}";

        /** The pods that are loaded, at most. */
        private final int pods;

        Huge(int pods) {
            this.pods = pods;
        }

        abstract void write(Path folder) throws IOException;

        private static void sparse(Path path) throws IOException {
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                file.setLength(1L << 30);
            }
        }

        private static void repeat(Path path, String head, String text, int times) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            try (OutputStream out = Files.newOutputStream(path)) {
                out.write(head.getBytes(StandardCharsets.US_ASCII));
                for (int i = 0; i < times; i++) {
                    out.write(bytes);
                }
            }
        }
    }

    /** Pods with 128 containers each and an annotation of almost 32 KiB. */
    private static NodeState largePods(int count) {
        StringBuilder json = new StringBuilder("{'containers':[");
        for (int i = 0; i < 128; i++) {
            json.append(i == 0 ? "" : ",")
                    .append("{'name':'container-with-a-long-name-")
                    .append(i)
                    .append("','resources':{'requests':{'cpu':'1m','memory':'1Mi','hugepages-2Mi':'2Mi'},")
                    .append("'limits':{'cpu':'2m','memory':'2Mi','hugepages-2Mi':'2Mi'}}}");
        }
        String text = json.append("]}").toString();
        assertThat(text.length()).isBetween(20 << 10, 32 << 10);
        BrainFixture one = new BrainFixture();
        assertThat(one.run(one.pod("p", "/kubepods/burstable/podp", spec(text)), "sb"))
                .isNull();
        PodState pod = one.store.saved.pods().iterator().next();
        List<PodState> pods = new ArrayList<>();
        IntStream.range(0, count).forEach(i -> pods.add(renamed(pod, "uid-" + i)));
        return NodeState.of(pods);
    }

    private static PodState renamed(PodState pod, String uid) {
        PodIdentity identity = pod.identity();
        return new PodState(
                new PodIdentity(
                        uid,
                        identity.namespace(),
                        uid,
                        new CgroupPath("/kubepods/burstable/pod" + uid),
                        identity.madeCgroup(),
                        identity.annotations()),
                pod.allocation(),
                pod.life(),
                pod.containers(),
                pod.resizing());
    }

    /** Loads a folder's state as often as a node starts in a row, and says how many pods it has. */
    static final class Loading {
        private Loading() {}

        public static void main(String[] args) {
            FileStateStore store = new FileStateStore(new FolderDisk(Path.of(args[0])), Clock.systemUTC(), "boot");
            StateStore.Saved saved = store.load();
            store.checkpoint(saved.state());
            System.out.println(saved.state().pods().size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theStateLoadsInTheHeapOfANodeWhateverItHolds(Huge huge) throws Exception {
        huge.write(folder);
        for (int start = 0; start <= Math.min(1, huge.pods); start++) {
            Process loading = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-Xmn8m",
                            "-Xmx64m",
                            "-Xss512k",
                            "-XX:+UseCompactObjectHeaders",
                            "-XX:+ExitOnOutOfMemoryError",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Loading.class.getName(),
                            folder.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            loading.getOutputStream().close();
            String said = new String(loading.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(loading.waitFor()).as(said).isZero();
            int pods = Integer.parseInt(said.lines().reduce("", (a, b) -> b));
            assertThat(pods).isLessThanOrEqualTo(huge.pods);
            assertThat(pods > 0).isEqualTo(huge.pods > 0);
        }
    }
}
