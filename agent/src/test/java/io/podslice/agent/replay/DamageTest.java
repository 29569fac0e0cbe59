package io.podslice.agent.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.api.FakeNode;
import io.podslice.agent.record.Recordings;
import io.podslice.agent.record.SegmentForm;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.proto.v1.Change;
import io.podslice.proto.v1.Condition;
import io.podslice.proto.v1.Entry;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.StatusResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged file tells what was before the damage, and where that is; a hostile one costs bounded time and memory. */
class DamageTest {
    @TempDir
    private Path folder;

    private byte[] whole = {};
    private List<Entry> entries = List.of();

    @BeforeEach
    void record() throws Exception {
        Recordings of = new Recordings(folder.resolve("recording"), 1 << 20);
        of.node.put(FakeNode.pod("a", "1"));
        of.record();
        of.node.put(FakeNode.pod("b", "1"));
        of.record();
        of.node.remove("a");
        of.record();
        of.stop();
        try (Stream<Path> files = Files.list(of.folder)) {
            whole = Files.readAllBytes(files.findFirst().orElseThrow());
        }
        entries = read(whole).entries;
        assertThat(entries).hasSize(5);
    }

    private record Read(List<Entry> entries, List<Flaw> flaws) {}

    private Read read(byte[] bytes) throws Exception {
        Path file = Files.write(folder.resolve("file"), bytes);
        List<Entry> read = new ArrayList<>();
        List<Flaw> flaws = Recording.of(file).read((entry, _) -> read.add(entry));
        return new Read(read, flaws);
    }

    @Test
    void everyByteThatIsWrongIsFound() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < whole.length; i++) {
            byte[] bytes = whole.clone();
            bytes[i] ^= (byte) (1 + random.nextInt(255));
            Read read = read(bytes);
            assertThat(read.entries).as("byte %d", i).hasSizeLessThan(entries.size());
            assertThat(read.entries).isEqualTo(entries.subList(0, read.entries.size()));
            assertThat(read.flaws)
                    .singleElement()
                    .satisfies(flaw -> assertThat(flaw.toString()).startsWith(folder.resolve("file") + ": byte "));
            assertThat(read.flaws.getFirst().place().offset()).isLessThanOrEqualTo(i);
        }
    }

    @Test
    void everyEndIsTornOrWhole() throws Exception {
        for (int length = 0; length < whole.length; length++) {
            Read read = read(Arrays.copyOf(whole, length));
            assertThat(read.entries).isEqualTo(entries.subList(0, read.entries.size()));
            assertThat(read.flaws).allMatch(Flaw::torn);
            assertThat(read.flaws.isEmpty() ? 0 : 1)
                    .as("length %d", length)
                    .isEqualTo(isBoundary(length, read.entries.size()) ? 0 : 1);
        }
        // Blocks that a power cut has left empty.
        assertThat(read(Arrays.copyOf(whole, whole.length + 4096)).flaws)
                .singleElement()
                .matches(Flaw::torn);
    }

    private boolean isBoundary(int length, int count) {
        int end = SegmentForm.HEADER_BYTES;
        for (Entry entry : entries.subList(0, count)) {
            end += SegmentForm.FRAME_BYTES + entry.getSerializedSize();
        }
        return length == end;
    }

    /** Files whose checksums are right and whose entries are anything. */
    @Test
    void hostileEntriesAreRefusedOrRead() throws Exception {
        Random random = new Random(11);
        int refused = 0;
        for (int i = 0; i < 1_500; i++) {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            file.write(SegmentForm.header());
            for (Entry entry : entries) {
                byte[] bytes = entry.toByteArray();
                for (int n = random.nextInt(4); n > 0; n--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                file.write(framed(bytes));
            }
            refused += refuses(file.toByteArray()) ? 1 : 0;
        }
        assertThat(refused).isBetween(1, 1_499);
    }

    private static byte[] framed(byte[] entry) {
        return ByteBuffer.allocate(SegmentForm.FRAME_BYTES + entry.length)
                .putInt(entry.length)
                .putInt(SegmentForm.checksum(entry))
                .put(entry)
                .array();
    }

    private static byte[] file(Entry... entries) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(SegmentForm.header());
        for (Entry entry : entries) {
            file.write(framed(entry.toByteArray()));
        }
        return file.toByteArray();
    }

    /** Reads a file in each way; tells if something was refused. Any other exception fails the test. */
    private boolean refuses(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("file"), bytes);
        Stamps stamps = new Stamps(ZoneOffset.UTC);
        boolean refused = false;
        try {
            Recording recording = Recording.of(file);
            MomentSearch search = new MomentSearch(new Moment.Latest(), stamps);
            refused = !recording.read(search).isEmpty();
            Optional<Place> place = search.find();
            if (place.isPresent()) {
                assertThat(MomentSearch.stateAt(recording, place.get()).isKnown())
                        .isTrue();
            }
            CpuReport report = CpuReport.history(0, stamps, Optional.empty(), Optional.empty());
            var _ = report.read(recording);
            assertThat(report.table()).isNotEmpty();
            assertThat(report.json()).isNotEmpty();
            var _ = recording.read(new Timeline(_ -> true, stamps, new PrintWriter(Writer.nullWriter())));
        } catch (DocumentException e) {
            assertThat(e).hasMessageStartingWith(file.toString());
            return true;
        }
        return refused;
    }

    @Test
    void aNodeThatIsTooLargeIsRefused() throws Exception {
        Change.Builder many = Change.newBuilder().setRelist(true).setNode(StatusResponse.getDefaultInstance());
        for (int i = 0; i <= RecordedNode.MOST_PODS; i++) {
            many.addPods(Pod.newBuilder().setName("p" + i));
        }
        assertThat(refuses(file(Entry.newBuilder().setChange(many).build()))).isTrue();

        Entry part = Entry.newBuilder()
                .setChange(Change.newBuilder()
                        .setMore(true)
                        .addPods(Pod.newBuilder().setName("x".repeat(1_000_000))))
                .build();
        Entry[] parts = new Entry[70];
        Arrays.fill(parts, part);
        parts[0] = Entry.newBuilder()
                .setChange(Change.newBuilder().setRelist(true).setMore(true))
                .build();
        assertThat(refuses(file(parts))).isTrue();
    }

    @Test
    void whatIsNoRecordingSaysSo() throws Exception {
        assertThat(read("apiVersion: v1\nkind: Pod".getBytes(StandardCharsets.UTF_8)).flaws)
                .singleElement()
                .satisfies(flaw -> assertThat(flaw.text()).startsWith("no recording"));
        byte[] next = whole.clone();
        next[8] = 2;
        assertThat(read(next).flaws)
                .singleElement()
                .satisfies(flaw ->
                        assertThat(flaw.text()).startsWith("a recording of version 2; this podslice reads version 1"));
    }

    @Test
    void aConditionWithoutATimeGetsThatOfItsEntry() throws Exception {
        Entry entry = Entry.newBuilder()
                .setTime(1_000)
                .setChange(Change.newBuilder()
                        .setRelist(true)
                        .addPods(Pod.newBuilder()
                                .setName("a")
                                .addConditions(Condition.newBuilder().setSince("soon"))))
                .build();
        RecordedNode node = new RecordedNode();
        assertThat(node.apply(entry, new Place(folder, 0))).isPresent();
        assertThat(node.pods().getFirst().getConditions(0).getSince()).isEqualTo("1970-01-01T00:00:01Z");
    }
}
