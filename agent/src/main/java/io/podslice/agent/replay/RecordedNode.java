package io.podslice.agent.replay;

import io.podslice.agent.replay.Step.PodChange;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.proto.v1.Change;
import io.podslice.proto.v1.Condition;
import io.podslice.proto.v1.Entry;
import io.podslice.proto.v1.Gap;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.StatusResponse;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The node as the entries of a recording tell it, up to the last that was applied. For one thread. */
public final class RecordedNode {
    /** The most pods of a node; far more than any has. */
    static final int MOST_PODS = 16_384;

    /** The most bytes of the messages of which a node is told. */
    static final long MOST_BYTES = 64L << 20;

    private final TreeMap<PodKey, Pod> pods = new TreeMap<>();
    private StatusResponse node = StatusResponse.getDefaultInstance();
    private long bytes;
    private boolean known;
    private long revision;
    private Instant time = Instant.EPOCH;

    /** The parts of a change whose last one has not come. */
    private final List<Change> parts = new ArrayList<>();

    private long partBytes;

    /** Tells if the whole node has been told. */
    public boolean isKnown() {
        return known;
    }

    /** The revision of the last change. */
    public long revision() {
        return revision;
    }

    /** The time of the last change. */
    public Instant time() {
        return time;
    }

    /** Returns the node, with its revision and its number of pods. */
    public StatusResponse node() {
        return node.toBuilder().setRevision(revision).setPods(pods.size()).build();
    }

    /** Returns the pods in order of namespace and name. */
    public List<Pod> pods() {
        return List.copyOf(pods.values());
    }

    /**
     * Takes in an entry.
     *
     * @return what it tells; empty for a change that goes on in the next one, and for a kind of entry that this version does not know
     * @throws DocumentException if it tells more than a node can have
     */
    public Optional<Step> apply(Entry entry, Place place) throws DocumentException {
        if (!entry.hasChange()) {
            parts.clear(); // their last one is missing
            partBytes = 0;
        }
        return switch (entry.getContentCase()) {
            case STARTED -> Optional.of(new Step.Started(entry.getStarted().getVersion()));
            case STOPPED -> Optional.of(new Step.Stopped());
            case GAP -> {
                Gap gap = entry.getGap();
                yield Optional.of(new Step.Gap(gap.getSince(), gap.getReason()));
            }
            case INCIDENT -> Optional.of(new Step.Happened(entry.getIncident()));
            case CHANGE -> change(entry, place);
            case CONTENT_NOT_SET -> Optional.empty();
        };
    }

    private Optional<Step> change(Entry entry, Place place) throws DocumentException {
        Change change = entry.getChange();
        if (change.getRelist()) {
            parts.clear();
            partBytes = 0;
        }
        parts.add(change);
        partBytes += change.getSerializedSize();
        if (partBytes > MOST_BYTES) {
            throw new DocumentException(place + ": a change of more than " + MOST_BYTES + " bytes");
        }
        if (change.getMore()) {
            return Optional.empty();
        }
        List<Change> all = List.copyOf(parts);
        parts.clear();
        partBytes = 0;
        boolean relist = all.getFirst().getRelist();
        if (!known && !relist) {
            return Optional.empty(); // what it is a change of was not told
        }
        Instant now = Instant.ofEpochMilli(entry.getTime());
        StatusResponse before = node;
        SortedMap<PodKey, PodChange> changes = new TreeMap<>();
        if (relist) {
            pods.forEach((key, pod) -> changes.put(key, new PodChange(key, Optional.of(pod), Optional.empty())));
            pods.clear();
            bytes = 0;
        }
        for (Change part : all) {
            part.getRemovedList().forEach(gone -> remove(gone, changes));
            part.getPodsList().forEach(pod -> put(checked(pod, now), changes));
            if (part.hasNode()) {
                node = part.getNode();
            }
        }
        if (pods.size() > MOST_PODS || bytes + node.getSerializedSize() > MOST_BYTES) {
            throw new DocumentException(place + ": a node of " + pods.size() + " pods and " + bytes
                    + " bytes; may have at most " + MOST_PODS + " and " + MOST_BYTES);
        }
        known = true;
        revision = entry.getRevision();
        time = now;
        List<PodChange> told = changes.values().stream()
                .filter(each -> !(relist && isAlike(each)))
                .toList();
        return Optional.of(new Step.Changed(before, node, told));
    }

    private void remove(PodReference gone, SortedMap<PodKey, PodChange> changes) {
        PodKey key = PodKey.of(gone);
        Pod was = pods.remove(key);
        if (was != null) {
            bytes -= was.getSerializedSize();
            note(key, Optional.of(was), Optional.empty(), changes);
        }
    }

    private void put(Pod pod, SortedMap<PodKey, PodChange> changes) {
        PodKey key = PodKey.of(pod);
        Pod was = pods.put(key, pod);
        bytes += pod.getSerializedSize() - (was == null ? 0 : was.getSerializedSize());
        note(key, Optional.ofNullable(was), Optional.of(pod), changes);
    }

    private static void note(
            PodKey key, Optional<Pod> before, Optional<Pod> after, SortedMap<PodKey, PodChange> changes) {
        PodChange already = changes.get(key);
        changes.put(key, new PodChange(key, already == null ? before : already.before(), after));
    }

    /** Tells if a pod that is told again is as it was, but for what podslice forgets over a restart. */
    private static boolean isAlike(PodChange change) {
        return change.before().isPresent()
                && change.after().isPresent()
                && kept(change.before().get()).equals(kept(change.after().get()));
    }

    private static Pod kept(Pod pod) {
        return pod.toBuilder().clearRevision().clearRemarks().clearDevices().build();
    }

    /** Returns a pod of whose conditions each has a time. */
    private static Pod checked(Pod pod, Instant now) {
        for (Condition condition : pod.getConditionsList()) {
            if (!isTime(condition.getSince())) {
                Pod.Builder other = pod.toBuilder();
                other.getConditionsBuilderList().stream()
                        .filter(each -> !isTime(each.getSince()))
                        .forEach(each -> each.setSince(now.toString()));
                return other.build();
            }
        }
        return pod;
    }

    private static boolean isTime(String text) {
        try {
            var _ = Instant.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }
}
