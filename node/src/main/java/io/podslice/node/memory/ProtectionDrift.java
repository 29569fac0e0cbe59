package io.podslice.node.memory;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.pod.MemoryProtection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices who else writes to the memory files, says so once, and keeps podslice from fighting over them: a file that
 * somebody writes over again and again is left to them until what podslice wants of it changes. Not thread-safe.
 */
public final class ProtectionDrift {
    private static final Logger log = LoggerFactory.getLogger(ProtectionDrift.class);

    /** So often a file is put right; the kubelet writes once a minute. */
    private static final int MOST_REPAIRS = 3;

    private static final String WHO = "a kubelet with the feature gate MemoryQoS and a memoryReservationPolicy or"
            + " memoryThrottlingFactor of its own does that; of the two, switch one off";

    private final ProtectionReader reader;
    private final long pageBytes;
    private final Map<CgroupPath, Integer> repairs = new HashMap<>();
    private boolean toldOfMore;
    private boolean toldOfSent;

    public ProtectionDrift(ProtectionReader reader, long pageBytes) {
        this.reader = reader;
        this.pageBytes = pageBytes;
    }

    /**
     * Whether a cgroup says something else than was written, and is to be written again.
     *
     * @param written what podslice wrote last
     * @param shared whether others may protect more there than podslice does
     */
    public boolean isToBeRepaired(CgroupPath path, MemoryProtection written, boolean shared) {
        for (MemoryFile file : MemoryFile.values()) {
            OptionalLong bytes = file.of(written);
            OptionalLong now = bytes.isEmpty() ? bytes : reader.bytes(path, file.text());
            if (now.isPresent() && now.getAsLong() != ProtectionChange.pages(bytes.orElseThrow(), pageBytes)) {
                return isToBeRepaired(path, file, bytes.orElseThrow(), now.getAsLong(), shared);
            }
        }
        return false;
    }

    private boolean isToBeRepaired(CgroupPath path, MemoryFile file, long written, long now, boolean shared) {
        if (shared && now > written) {
            if (!toldOfMore) {
                log.warn(
                        "{} of {}: somebody else has written {} where {} is what the pods that podslice knows ask for;"
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
        int count = repairs.merge(path, 1, Integer::sum);
        if (count == MOST_REPAIRS + 1) {
            log.warn(
                    "{} of {}: somebody else keeps writing {} over {}; podslice lets it be until the pod changes."
                            + " Perhaps {}",
                    file.text(),
                    path,
                    now,
                    written,
                    WHO);
        }
        return count <= MOST_REPAIRS;
    }

    /** A container's request for resources came with these files. */
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
        repairs.keySet().retainAll(paths);
    }
}
