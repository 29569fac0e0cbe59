package io.podslice.node.resize;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.resize.ContainerAmounts;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeCondition;
import io.podslice.node.change.MemoryInUse;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.PodState;
import io.podslice.node.state.ResizeInProgress.LoweredHigh;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes cgroups give back memory before their limit falls below what they use: a memory.max below it has the kernel
 * reclaim and then kill, while memory.high only reclaims and throttles.
 */
public final class MemoryReclaim {
    private static final Logger log = LoggerFactory.getLogger(MemoryReclaim.class);

    /** The time that a resize waits at most for memory to be reclaimed. */
    public static final Duration DEFAULT_WAIT = Duration.ofSeconds(1);

    /** The largest page of memory that Linux has: usage has to come below the limit by that much. */
    private static final long PAGE_BYTES = 64 << 10;

    private static final long PAUSE_MILLIS = 20;

    private final CgroupFiles files;
    private final MemoryInUse inUse;
    private final Duration wait;

    /** @param wait the time to wait at most */
    public MemoryReclaim(CgroupFiles files, Duration wait) {
        this.files = files;
        this.inUse = new MemoryInUse(files);
        this.wait = wait;
    }

    /**
     * A cgroup that uses as much memory as its desired limit, or more.
     *
     * @param cgroup the pod's, or that of a container of it
     * @param what its name in messages
     * @param limitBytes the desired limit
     */
    record Need(CgroupPath cgroup, String what, long limitBytes) {
        /** Returns the value to which memory.high is lowered, a multiple of any page size. */
        long highBytes() {
            return Math.max(0, limitBytes - PAGE_BYTES) / PAGE_BYTES * PAGE_BYTES;
        }
    }

    /** Returns the cgroups whose memory limit would fall to their usage or below. */
    List<Need> needs(PodState before, Allocation allocation) {
        PodState after = before.resized(allocation, before.resizing());
        List<Need> needs = new ArrayList<>();
        long pod = after.budget().cgroup().memoryMaxBytes();
        add(after.cgroup(), "pod", before.budget().cgroup().memoryMaxBytes(), pod, needs);
        for (ContainerState container : after.containers()) {
            if (!container.id().isEmpty()) {
                add(
                        after.cgroupOf(container.id()),
                        "container \"" + container.name() + "\"",
                        limit(before, container.name()),
                        limit(after, container.name()),
                        needs);
            }
        }
        return needs;
    }

    private static long limit(PodState pod, String name) {
        ContainerAmounts amounts = ResizePlan.amounts(pod, name);
        return amounts.memoryLimitBytes();
    }

    /** @param before the limit that is allocated; the kernel's file may say another by now, and is what counts */
    private void add(CgroupPath cgroup, String what, long before, long limit, List<Need> needs) {
        if (limit > 0 && limit != before && inUse.isAbove(cgroup, limit)) {
            needs.add(new Need(cgroup, what, limit));
        }
    }

    /** Returns the present values of memory.high, which must be restored after {@link #run} has lowered them. */
    List<LoweredHigh> before(List<Need> needs) {
        List<LoweredHigh> before = new ArrayList<>();
        for (Need need : needs) {
            if (files.hasFile(need.cgroup(), CgroupFile.MEMORY_HIGH)) {
                before.add(new LoweredHigh(
                        need.cgroup(),
                        files.read(need.cgroup(), CgroupFile.MEMORY_HIGH).strip(),
                        need.highBytes()));
            }
        }
        return before;
    }

    /**
     * Lowers memory.high, has the kernel reclaim, and waits a while for the usage to fall. Blocks; needs no lock. Anything
     * that goes wrong, such as that a container goes meanwhile, is found out by the decision that follows.
     */
    void run(List<Need> needs) {
        try {
            reclaim(needs);
        } catch (RuntimeException e) {
            log.warn("reclaiming memory: {}", e.getMessage(), e);
        }
    }

    private void reclaim(List<Need> needs) {
        long end = System.nanoTime() + wait.toNanos();
        needs.forEach(this::lower);
        while (reclaimRest(needs) && System.nanoTime() < end) {
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void lower(Need need) {
        try {
            if (files.hasFile(need.cgroup(), CgroupFile.MEMORY_HIGH)
                    && isAbove(files.read(need.cgroup(), CgroupFile.MEMORY_HIGH), need.highBytes())) {
                files.write(need.cgroup(), CgroupFile.MEMORY_HIGH, Long.toString(need.highBytes()));
            }
        } catch (CgroupException e) {
            log.debug("lowering memory.high of {}: {}", need.cgroup(), e.getMessage());
        }
    }

    private static boolean isAbove(String text, long bytes) {
        ByteLimit limit = ByteLimit.parse(text);
        return !limit.isLimited() || limit.bytes() > bytes;
    }

    /** Asks the kernel for the rest where the usage is still too high; false if it is nowhere. */
    private boolean reclaimRest(List<Need> needs) {
        boolean above = false;
        for (Need need : needs) {
            long used = inUse.of(need.cgroup());
            if (used >= need.limitBytes()) {
                above = true;
                reclaim(need, used - need.highBytes());
            }
        }
        return above;
    }

    /** Asks the kernel to reclaim. EAGAIN means that not all of it could be; the usage says what has been. */
    private void reclaim(Need need, long bytes) {
        try {
            if (files.hasFile(need.cgroup(), CgroupFile.MEMORY_RECLAIM)) {
                files.write(need.cgroup(), CgroupFile.MEMORY_RECLAIM, Long.toString(bytes));
            }
        } catch (CgroupException e) {
            log.debug("reclaiming memory of {}: {}", need.cgroup(), e.getMessage());
        }
    }

    /** Returns the plan that restores memory.high, except where it has another value than the lowered one by now. */
    Plan putBack(List<LoweredHigh> lowered) {
        List<Step> steps = new ArrayList<>();
        for (LoweredHigh one : lowered) {
            if (files.hasFile(one.cgroup(), CgroupFile.MEMORY_HIGH)) {
                ByteLimit now = ByteLimit.parse(files.read(one.cgroup(), CgroupFile.MEMORY_HIGH));
                if (now.isLimited() && now.bytes() == one.loweredBytes()) {
                    steps.add(new Step.WriteFile(one.cgroup(), CgroupFile.MEMORY_HIGH, one.memoryHigh(), true));
                }
            }
        }
        return new Plan(steps);
    }

    /** Returns the refusal as the kubelet words it. */
    Refusal refusal(List<Need> needs) {
        StringJoiner texts = needs.size() > 1 ? new StringJoiner(", ", "[", "]") : new StringJoiner("");
        for (Need need : needs) {
            texts.add("attempting to set " + need.what() + " memory limit (" + need.limitBytes()
                    + ") below current usage (" + inUse.of(need.cgroup()) + ")");
        }
        return new Refusal(
                ResizeCondition.DEFERRED, Refusal.Kind.PRECONDITION, "cannot decrease memory limits: " + texts);
    }
}
