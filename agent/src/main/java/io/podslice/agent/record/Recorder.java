package io.podslice.agent.record;

import io.podslice.agent.api.NodeStatus;
import io.podslice.cgroups.machine.Machine;
import io.podslice.node.ManagedNode;
import io.podslice.node.NodeMeter;
import io.podslice.node.RevisedView;
import io.podslice.proto.v1.Change;
import io.podslice.proto.v1.Entry;
import io.podslice.proto.v1.Gap;
import io.podslice.proto.v1.Incident;
import io.podslice.proto.v1.Started;
import io.podslice.proto.v1.Stopped;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the changes of a node in a folder. One thread waits for the revision to change, reads the node's state, and writes; nothing
 * waits for it. A disk that cannot be written is logged once, and tried again; the node does without its recording meanwhile.
 */
public final class Recorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    /** The shortest time between two looks: changes that come faster are one. */
    private static final Duration LEAST_PAUSE = Duration.ofMillis(50);

    /** The time between two looks whether there are incidents. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** The time after which a disk that could not be written is tried again. */
    static final Duration RETRY = Duration.ofSeconds(30);

    /** The time that the last entries have as podslice ends: a disk may hang. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(2);

    private final Path folder;
    private final Ring ring;
    private final InstantSource clock;
    private final long retryNanos;
    private final Incidents incidents;
    private final NodeChanges changes = new NodeChanges();
    private volatile RecorderFigures figures = new RecorderFigures(0, 0, 0, 0);
    private volatile boolean closed;
    private @Nullable Thread writer;
    private boolean begun;
    private long revision;

    /** The failure since which nothing is written; null while all is well. */
    private @Nullable Trouble trouble;

    /**
     * @param since the wall clock when it began, in milliseconds
     * @param triedAt by {@link System#nanoTime}
     */
    private record Trouble(long since, String reason, long triedAt) {}

    /**
     * Makes a recorder, which remembers incidents from now on; nothing is written yet.
     *
     * @param folder made if there is none; absolute
     * @param maxBytes the most that its files have together
     */
    public Recorder(Path folder, long maxBytes) {
        this(folder, maxBytes, InstantSource.system(), RETRY);
    }

    /** @param retry the time after which a disk that could not be written is tried again */
    Recorder(Path folder, long maxBytes, InstantSource clock, Duration retry) {
        this.folder = folder;
        this.ring = new Ring(folder, maxBytes);
        this.clock = clock;
        this.retryNanos = retry.toNanos();
        this.incidents = new Incidents(clock, System::nanoTime);
    }

    /** Hears of the incidents that are recorded. */
    public NodeMeter meter() {
        return incidents;
    }

    /** Returns the figures as they are now. */
    public RecorderFigures figures() {
        return figures;
    }

    /** Starts to follow a node. */
    public void follow(ManagedNode node) {
        writer = Thread.ofPlatform().daemon().name("record").start(() -> run(node));
    }

    private void run(ManagedNode node) {
        try {
            while (!closed) {
                long seen = look(node);
                Thread.sleep(LEAST_PAUSE);
                node.awaitOtherRevision(seen, LOOK);
            }
        } catch (InterruptedException e) {
            LOG.debug("the recording ends");
        }
        look(node);
        stop();
    }

    /** Records what is new at a node; returns the revision up to which it has been seen. */
    private long look(ManagedNode node) {
        try {
            RevisedView view = node.revisedSnapshot();
            step(view, node.machine());
            return view.revision();
        } catch (RuntimeException e) {
            LOG.warn("api.record.dir {}: the node cannot be recorded: {}", folder, e.toString(), e);
            return revision;
        }
    }

    /** Records a view of the node as far as it is new, and the incidents that are due. */
    void step(RevisedView view, Machine machine) {
        Trouble before = trouble;
        if (before != null && System.nanoTime() - before.triedAt() < retryNanos) {
            return;
        }
        revision = view.revision();
        try {
            if (ring.isOpen()) {
                write(view, machine, entries(changes.since(view, machine)));
            } else {
                begin(before == null ? first() : again(before), view, machine);
            }
            write(view, machine, happened(incidents.due()));
            if (before != null) {
                trouble = null;
                LOG.info("api.record.dir {}: is written again", folder);
            }
        } catch (IOException | RuntimeException e) {
            failed(before, e);
        }
    }

    private void failed(@Nullable Trouble before, Exception e) {
        abandon();
        count(0, 0, 1);
        String reason = reason(e);
        if (before == null) {
            LOG.warn(
                    "api.record.dir {}: cannot be written: {}; podslice goes on without its recording", folder, reason);
        }
        trouble = before == null
                ? new Trouble(clock.millis(), reason, System.nanoTime())
                : new Trouble(before.since(), before.reason(), System.nanoTime());
    }

    private static String reason(Exception e) {
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException why when why.getReason() != null -> why.getReason();
            case FileSystemException why -> why.toString();
            case IOException why -> String.valueOf(why.getMessage());
            default -> e.toString();
        };
    }

    /** Ends the segment, so that the next entries tell the whole node. */
    private void abandon() {
        try {
            ring.close();
        } catch (IOException e) {
            LOG.debug("api.record.dir {}: a segment cannot be closed: {}", folder, e.getMessage());
        }
    }

    private List<Entry> first() {
        return begun
                ? List.of()
                : List.of(entry().setStarted(Started.newBuilder().setVersion(NodeStatus.version()))
                        .build());
    }

    private List<Entry> again(Trouble after) {
        List<Entry> entries = new ArrayList<>(first());
        entries.add(entry().setGap(Gap.newBuilder().setSince(after.since()).setReason(after.reason()))
                .build());
        return entries;
    }

    private List<Entry> entries(List<Change> parts) {
        return parts.stream().map(part -> entry().setChange(part).build()).toList();
    }

    private List<Entry> happened(List<Incident> due) {
        return due.stream()
                .map(incident -> entry().setIncident(incident).build())
                .toList();
    }

    private Entry.Builder entry() {
        return Entry.newBuilder().setTime(clock.millis()).setRevision(revision);
    }

    /** Begins a segment with these entries and the whole node. */
    private void begin(List<Entry> leading, RevisedView view, Machine machine) throws IOException {
        List<Entry> entries = new ArrayList<>(leading);
        entries.addAll(entries(changes.whole(view, machine)));
        List<byte[]> frames = frames(entries);
        ring.begin(frames);
        begun = true;
        count(frames);
    }

    private void write(RevisedView view, Machine machine, List<Entry> entries) throws IOException {
        if (entries.isEmpty()) {
            return;
        }
        List<byte[]> frames = frames(entries);
        if (ring.isFull(bytes(frames))) {
            begin(List.of(), view, machine);
            if (entries.getFirst().hasChange()) {
                return; // the whole node has it
            }
        }
        ring.append(frames);
        count(frames);
    }

    private static List<byte[]> frames(List<Entry> entries) {
        return entries.stream().map(SegmentForm::frame).toList();
    }

    private void count(List<byte[]> frames) {
        count(frames.size(), bytes(frames), 0);
    }

    private static long bytes(List<byte[]> frames) {
        return frames.stream().mapToLong(frame -> frame.length).sum();
    }

    private void count(long entries, long bytes, long failures) {
        RecorderFigures before = figures;
        figures = new RecorderFigures(
                before.entries() + entries, before.bytes() + bytes, before.failures() + failures, ring.size());
    }

    /** Writes that podslice stops. */
    void stop() {
        if (!ring.isOpen()) {
            return;
        }
        try {
            List<Entry> last = new ArrayList<>(happened(incidents.rest()));
            last.add(entry().setStopped(Stopped.getDefaultInstance()).build());
            List<byte[]> frames = frames(last);
            ring.append(ring.isFull(bytes(frames)) ? List.of(frames.getLast()) : frames);
            ring.close();
        } catch (IOException e) {
            LOG.warn("api.record.dir {}: the end of the recording cannot be written: {}", folder, e.getMessage());
        }
    }

    /** Writes the last entries, if that takes no long time, and ends. */
    @Override
    public void close() {
        closed = true;
        Thread thread = writer;
        if (thread == null) {
            return;
        }
        thread.interrupt();
        try {
            if (!thread.join(LAST_WRITES)) {
                LOG.warn("api.record.dir {}: does not answer; the end of the recording is missing", folder);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
