package io.podslice.node.memory;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.pod.MemoryProtection;
import io.podslice.node.state.RepairBudget;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drift of memory protection: detects other programs that write to the memory files, and bounds how often a sweep
 * repairs each file. Not thread-safe.
 */
public final class ProtectionDrift {
    private static final Logger log = LoggerFactory.getLogger(ProtectionDrift.class);

    private static final String WHO = "a kubelet with the feature gate MemoryQoS and a memoryReservationPolicy or"
            + " memoryThrottlingFactor of its own does that; of the two, switch one off";

    private final ProtectionReader reader;
    private final long pageBytes;
    private final RepairBudget repairs = new RepairBudget(log::warn);
    private boolean toldOfMore;
    private boolean toldOfSent;

    public ProtectionDrift(ProtectionReader reader, long pageBytes) {
        this.reader = reader;
        this.pageBytes = pageBytes;
    }

    /**
     * Reads a cgroup's memory files, and tells if one has another value than podslice has written and must be written
     * again now.
     *
     * @param written the values that podslice wrote last
     * @param shared true if other programs may protect more there than podslice does
     */
    public boolean isDue(CgroupPath path, MemoryProtection written, boolean shared) {
        boolean due = false;
        for (MemoryFile file : MemoryFile.values()) {
            OptionalLong bytes = file.of(written);
            OptionalLong now = bytes.isEmpty() ? bytes : reader.bytes(path, file.text());
            if (now.isPresent()) {
                long kept = ProtectionChange.pages(bytes.orElseThrow(), pageBytes);
                due |= isDue(path, file, kept, now.getAsLong(), shared);
            }
        }
        return due;
    }

    private boolean isDue(CgroupPath path, MemoryFile file, long written, long now, boolean shared) {
        if (now == written) {
            repairs.right(path, file.text());
            return false;
        }
        if (shared && now > written) {
            if (!toldOfMore) {
                log.warn(
                        "{} of {}: another program has written {} where the pods that podslice knows ask for {};"
                                + " it stays. Perhaps {}",
                        file.text(),
                        path,
                        now,
                        written,
                        WHO);
                toldOfMore = true;
            }
            return false;
        }
        return repairs.wrong(path, file.text(), text(now), text(written), () -> "Perhaps " + WHO);
    }

    private static String text(long bytes) {
        return new ByteLimit(bytes).toString();
    }

    /** Begins a sweep: all looks until the next one belong to it. */
    public void beginSweep() {
        repairs.beginSweep();
    }

    /**
     * Looks at the cgroup files that the sender of a container's resources names, and warns once if podslice replaces
     * one of them.
     */
    public void sent(Map<String, String> unified) {
        if (toldOfSent) {
            return;
        }
        for (MemoryFile file : MemoryFile.values()) {
            if (unified.containsKey(file.text())) {
                log.warn("a container came with {}: podslice's value takes its place. Perhaps {}", file.text(), WHO);
                toldOfSent = true;
                return;
            }
        }
    }

    /** Forgets cgroups that are gone. */
    public void forgetBut(Set<CgroupPath> paths) {
        repairs.forgetBut(paths);
    }
}
