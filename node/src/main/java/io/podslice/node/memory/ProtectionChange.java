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
 * The writes that lead from the present values of some cgroups' memory files to the desired ones. Where limits
 * (memory.max) change in between, the order of the whole is {@code lowers}, limits, {@code raises}; then at every
 * instant min, low and high of a cgroup are within its limit, min and low within high, and no child is protected beyond
 * its parents.
 *
 * @param lowers children before parents; in a cgroup min, low, high
 * @param raises parents before children; in a cgroup high, low, min
 * @param written the values that podslice has in the cgroups afterwards; those that do not exist are left out
 */
public record ProtectionChange(Plan lowers, Plan raises, Map<CgroupPath, MemoryProtection> written) {

    /**
     * Returns the change for the cgroups in {@code present}.
     *
     * @param present the present values of each cgroup
     * @param wanted the desired values of each cgroup; a file without one belongs to other programs
     * @param before the values that podslice has written to each cgroup; one that is no longer desired is reset if the
     *     file still has it
     * @param shared cgroups that other programs protect too, for pods that podslice does not know: a higher value that
     *     podslice did not write stays
     * @param pageBytes size of a memory page in bytes, to which the kernel rounds down
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

    /** Returns the file's desired value in whole pages; its present value if podslice must leave it alone. */
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

    /** Rounds down to whole pages, as the kernel does. */
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

    /** Makes a write that is left out if the cgroup is gone: the kubelet and the runtime remove cgroups at any time. */
    private static Step write(CgroupPath path, MemoryFile file, long bytes) {
        return new Step.WriteFile(path, file.text(), new ByteLimit(bytes).toString(), true);
    }
}
