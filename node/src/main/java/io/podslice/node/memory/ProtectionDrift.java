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
 * Detects other programs that write to the memory files, warns once, and keeps podslice from fighting over them: a
 * cgroup that is overwritten again and again is left alone until its desired values change. Not thread-safe.
 */
public final class ProtectionDrift {
    private static final Logger log = LoggerFactory.getLogger(ProtectionDrift.class);

    /** Repairs of one cgroup before podslice leaves it alone; a kubelet overwrites it once a minute. */
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
     * Tells if a cgroup has other values than podslice has written, and must be written again.
     *
     * @param written the values that podslice wrote last
     * @param shared true if other programs may protect more there than podslice does
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
        int count = repairs.merge(path, 1, Integer::sum);
        if (count == MOST_REPAIRS + 1) {
            log.warn(
                    "{} of {}: another program keeps writing {} over {}; podslice leaves it alone until the pod"
                            + " changes. Perhaps {}",
                    file.text(),
                    path,
                    now,
                    written,
                    WHO);
        }
        return count <= MOST_REPAIRS;
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
        repairs.keySet().retainAll(paths);
    }
}
