package io.podslice.node.memory;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.pod.MemoryProtection;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The writes that lead from what the memory files of some cgroups say to what they shall say. Where limits (memory.max)
 * change in between, the order of the whole is {@code lowers}, limits, {@code raises}; then at every instant min, low and
 * high of a cgroup are within its limit, min and low within high, and no child is protected beyond its parents.
 *
 * @param lowers children before parents; in a cgroup min, low, high
 * @param raises parents before children; in a cgroup high, low, min
 * @param written what the cgroups then say by podslice's hand; those that do not exist are left out
 */
public record ProtectionChange(Plan lowers, Plan raises, Map<CgroupPath, MemoryProtection> written) {

    /**
     * The change for the cgroups in {@code present}.
     *
     * @param present what their files say
     * @param wanted what they shall say; a file for which there is no value is somebody else's
     * @param before what podslice has written to them; what it wants no more is taken back where that still stands
     * @param shared cgroups that others protect too, for pods that podslice does not know: a value above ours that is not
     *     podslice's stays
     * @param pageBytes what the kernel rounds down to
     */
    public static ProtectionChange between(
            SortedMap<CgroupPath, PresentMemory> present,
            Map<CgroupPath, MemoryProtection> wanted,
            Map<CgroupPath, MemoryProtection> before,
            Predicate<CgroupPath> shared,
            long pageBytes) {
        List<Step> lowers = new ArrayList<>();
        List<Step> raises = new ArrayList<>();
        Map<CgroupPath, MemoryProtection> written = new HashMap<>();
        Map<CgroupPath, EnumMap<MemoryFile, Long>> rising = new TreeMap<>();
        new TreeMap<>(present).descendingMap().forEach((path, now) -> {
            MemoryProtection target = within(now.max(), wanted.getOrDefault(path, MemoryProtection.NONE));
            MemoryProtection ours = before.getOrDefault(path, MemoryProtection.NONE);
            for (MemoryFile file : MemoryFile.values()) {
                OptionalLong is = now.of(file);
                if (is.isEmpty()) {
                    continue;
                }
                long shall = shall(file, is.getAsLong(), target, ours, shared.test(path), pageBytes);
                if (shall < is.getAsLong()) {
                    lowers.add(write(path, file, shall));
                } else if (shall > is.getAsLong()) {
                    rising.computeIfAbsent(path, it -> new EnumMap<>(MemoryFile.class))
                            .put(file, shall);
                }
            }
            if (now.max().isPresent() && !target.equals(MemoryProtection.NONE)) {
                written.put(path, target);
            }
        });
        rising.forEach((path, files) -> {
            for (MemoryFile file : List.of(MemoryFile.HIGH, MemoryFile.LOW, MemoryFile.MIN)) {
                Long shall = files.get(file);
                if (shall != null) {
                    raises.add(write(path, file, shall));
                }
            }
        });
        return new ProtectionChange(new Plan(lowers), new Plan(raises), written);
    }

    /** What the file shall say, in whole pages; what it says now where it is to be left alone. */
    private static long shall(
            MemoryFile file, long now, MemoryProtection target, MemoryProtection ours, boolean shared, long pageBytes) {
        OptionalLong wanted = file.of(target);
        OptionalLong own = file.of(ours);
        boolean isOurs = own.isPresent() && now == pages(own.getAsLong(), pageBytes);
        if (wanted.isEmpty()) {
            return isOurs ? file.unset() : now;
        }
        long shall = pages(wanted.getAsLong(), pageBytes);
        return shared && now > shall && !isOurs ? now : shall;
    }

    /** As the kernel keeps it. */
    static long pages(long bytes, long pageBytes) {
        return new ByteLimit(bytes).roundedDown(pageBytes).bytes();
    }

    private static MemoryProtection within(OptionalLong max, MemoryProtection wanted) {
        long most = max.orElse(ByteLimit.UNLIMITED_BYTES);
        return new MemoryProtection(
                atMost(most, wanted.minBytes()), atMost(most, wanted.lowBytes()), atMost(most, wanted.highBytes()));
    }

    private static OptionalLong atMost(long most, OptionalLong bytes) {
        return bytes.isPresent() ? OptionalLong.of(Math.min(most, bytes.getAsLong())) : bytes;
    }

    /** The kubelet and the runtime remove cgroups at any time. */
    private static Step write(CgroupPath path, MemoryFile file, long bytes) {
        return new Step.WriteFile(path, file.text(), new ByteLimit(bytes).toString(), true);
    }
}
