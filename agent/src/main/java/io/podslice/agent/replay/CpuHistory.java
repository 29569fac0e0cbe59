package io.podslice.agent.replay;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.v1.Entry;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodPhase;
import io.podslice.proto.v1.StatusResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Follows the owners of one CPU through a recording. For one thread, and one recording. */
public final class CpuHistory implements Recording.Visitor {
    private final int cpu;
    private final Consumer<CpuSpan> spans;
    private final RecordedNode node = new RecordedNode();

    /** The pods to which it belongs now. */
    private final TreeMap<PodKey, CpuOwner> owners = new TreeMap<>();

    /** The owner that it has while it is no pod's own. */
    private CpuOwner otherwise = CpuOwner.none("absent", "the node has no such CPU");

    private @Nullable CpuSpan current;

    /**
     * @param cpu 0 to {@link CpuSet#MAX_ID}
     * @param spans is given each span at its end, in order
     */
    public CpuHistory(int cpu, Consumer<CpuSpan> spans) {
        this.cpu = cpu;
        this.spans = spans;
    }

    @Override
    public boolean entry(Entry entry, Place place) throws DocumentException {
        Optional<Step> step = node.apply(entry, place);
        if (step.isPresent() && step.get() instanceof Step.Changed changed) {
            try {
                take(changed);
            } catch (IllegalArgumentException e) {
                throw new DocumentException(place + ": " + e.getMessage());
            }
            follow();
        }
        return true;
    }

    private void take(Step.Changed changed) {
        if (!changed.before().equals(changed.after())) {
            otherwise = otherwise(changed.after());
        }
        for (Step.PodChange change : changed.pods()) {
            Optional<CpuOwner> owner = change.after().flatMap(pod -> owner(change.key(), pod));
            if (owner.isPresent()) {
                owners.put(change.key(), owner.get());
            } else {
                owners.remove(change.key());
            }
        }
    }

    private CpuOwner otherwise(StatusResponse told) {
        if (cpus(told.getSharedPool()).contains(cpu)) {
            return CpuOwner.pool(cpus(told.getReservedCpus()).contains(cpu));
        }
        if (cpus(told.getCpus()).contains(cpu)) {
            return CpuOwner.none("none", "no pod");
        }
        if (cpus(told.getTopology().getOfflineCpus())
                .union(cpus(told.getTopology().getBarredCpus()))
                .contains(cpu)) {
            return CpuOwner.none("offline", "no pod: it is offline, or a cgroup above pods forbids it");
        }
        return CpuOwner.none("absent", "the node has no such CPU");
    }

    private Optional<CpuOwner> owner(PodKey key, Pod pod) {
        if (pod.getPhase() == PodPhase.POD_PHASE_STOPPED || !cpus(pod.getCpus()).contains(cpu)) {
            return Optional.empty();
        }
        return Optional.of(CpuOwner.of(
                key,
                pod,
                cpu,
                cpus(pod.getSharedPool()).contains(cpu),
                cpus(pod.getGoneCpus()).contains(cpu)));
    }

    /** Parses a list of CPUs; the message of a wrong one has the list. */
    static CpuSet cpus(String list) {
        try {
            return CpuSet.parse(list);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("CPUs \"" + list + "\": " + e.getMessage(), e);
        }
    }

    private void follow() {
        CpuOwner now = owners.isEmpty()
                ? otherwise
                : owners.size() == 1
                        ? owners.firstEntry().getValue()
                        : CpuOwner.contested(List.copyOf(owners.values()));
        CpuSpan before = current;
        if (before != null && before.owner().equals(now)) {
            return;
        }
        Instant time = node.time();
        if (before != null) {
            spans.accept(new CpuSpan(
                    before.owner(), before.from(), before.fromRevision(), Optional.of(time), node.revision()));
        }
        current = new CpuSpan(now, time, node.revision(), Optional.empty(), 0);
    }

    /** Tells of the last span, once all entries have been seen. */
    public void end() {
        if (current != null) {
            spans.accept(current);
        }
    }
}
