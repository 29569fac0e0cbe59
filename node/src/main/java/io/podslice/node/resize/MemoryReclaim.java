package io.podslice.node.resize;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.resize.ContainerAmounts;
import io.podslice.node.Refusal;
import io.podslice.node.ResizeCondition;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.PodState;
import io.podslice.node.state.ResizeInProgress.Squeezed;
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

    /** How long a resize waits for memory to be given back. */
    public static final Duration DEFAULT_WAIT = Duration.ofSeconds(1);

    /** The largest page of memory that Linux has: usage has to come below the limit by that much. */
    private static final long PAGE_BYTES = 64 << 10;

    private static final long PAUSE_MILLIS = 20;

    private static final String CURRENT = "memory.current";
    private static final String HIGH = "memory.high";
    private static final String RECLAIM = "memory.reclaim";

    private final CgroupFiles files;
    private final Duration wait;

    /** @param wait how long to wait at most */
    public MemoryReclaim(CgroupFiles files, Duration wait) {
        this.files = files;
        this.wait = wait;
    }

    /**
     * A cgroup that uses as much as its limit shall be, or more.
     *
     * @param what what it is, for messages
     * @param limitBytes its limit to be
     */
    record Need(CgroupPath cgroup, String what, long limitBytes) {
        /** What memory.high is lowered to, a multiple of any page size. */
        long highBytes() {
            return Math.max(0, limitBytes - PAGE_BYTES) / PAGE_BYTES * PAGE_BYTES;
        }
    }

    /** The cgroups whose memory limit would fall to what they use or below. */
    List<Need> needs(PodState before, PodState after) {
        List<Need> needs = new ArrayList<>();
        long pod = after.budget().cgroup().memoryMaxBytes();
        add(after.cgroup(), "pod", before.budget().cgroup().memoryMaxBytes(), pod, needs);
        for (ContainerState container : after.containers()) {
            if (!container.id().isEmpty()) {
                add(
                        after.cgroup().child(container.id()),
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

    private void add(CgroupPath cgroup, String what, long before, long limit, List<Need> needs) {
        boolean falls = limit > 0 && (before == 0 || limit < before);
        if (falls && usage(cgroup) >= limit) {
            needs.add(new Need(cgroup, what, limit));
        }
    }

    /** Bytes in use; 0 where that is not to be known, be it that the cgroup has gone. */
    private long usage(CgroupPath cgroup) {
        try {
            return files.hasFile(cgroup, CURRENT)
                    ? Long.parseLong(files.read(cgroup, CURRENT).strip())
                    : 0;
        } catch (CgroupException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return 0;
            }
            throw e;
        }
    }

    /** What has to be put back once {@link #squeeze} has lowered it. */
    List<Squeezed> before(List<Need> needs) {
        List<Squeezed> before = new ArrayList<>();
        for (Need need : needs) {
            if (files.hasFile(need.cgroup(), HIGH)) {
                before.add(new Squeezed(
                        need.cgroup(), files.read(need.cgroup(), HIGH).strip(), need.highBytes()));
            }
        }
        return before;
    }

    /**
     * Lowers memory.high, has the kernel reclaim, and waits a while for the usage to fall. Blocks; needs no lock. Whatever
     * goes wrong, such as that a container goes meanwhile, is found out by who decides then.
     */
    void squeeze(List<Need> needs) {
        try {
            squeezeNow(needs);
        } catch (RuntimeException e) {
            log.warn("reclaiming memory: {}", e.getMessage(), e);
        }
    }

    private void squeezeNow(List<Need> needs) {
        long end = System.nanoTime() + wait.toNanos();
        needs.forEach(this::lower);
        while (reclaim(needs) && System.nanoTime() < end) {
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
            if (files.hasFile(need.cgroup(), HIGH) && isAbove(files.read(need.cgroup(), HIGH), need.highBytes())) {
                files.write(need.cgroup(), HIGH, Long.toString(need.highBytes()));
            }
        } catch (CgroupException e) {
            log.debug("lowering memory.high of {}: {}", need.cgroup(), e.getMessage());
        }
    }

    private static boolean isAbove(String text, long bytes) {
        ByteLimit limit = ByteLimit.parse(text);
        return !limit.isLimited() || limit.bytes() > bytes;
    }

    /** Whether some are still above; of these the rest is asked for. */
    private boolean reclaim(List<Need> needs) {
        boolean above = false;
        for (Need need : needs) {
            long used = usage(need.cgroup());
            if (used >= need.limitBytes()) {
                above = true;
                reclaim(need, used - need.highBytes());
            }
        }
        return above;
    }

    /** EAGAIN: not all of it could be reclaimed now. The usage says what has been. */
    private void reclaim(Need need, long bytes) {
        try {
            if (files.hasFile(need.cgroup(), RECLAIM)) {
                files.write(need.cgroup(), RECLAIM, Long.toString(bytes));
            }
        } catch (CgroupException e) {
            log.debug("reclaiming memory of {}: {}", need.cgroup(), e.getMessage());
        }
    }

    /** Puts memory.high back, unless it has become something else since. */
    Plan putBack(List<Squeezed> squeezed) {
        List<Step> steps = new ArrayList<>();
        for (Squeezed one : squeezed) {
            if (files.hasFile(one.cgroup(), HIGH)) {
                ByteLimit now = ByteLimit.parse(files.read(one.cgroup(), HIGH));
                if (now.isLimited() && now.bytes() == one.loweredBytes()) {
                    steps.add(new Step.WriteFile(one.cgroup(), HIGH, one.memoryHigh(), true));
                }
            }
        }
        return new Plan(steps);
    }

    /** In the kubelet's words. */
    Refusal refusal(List<Need> needs) {
        StringJoiner texts = needs.size() > 1 ? new StringJoiner(", ", "[", "]") : new StringJoiner("");
        for (Need need : needs) {
            texts.add("attempting to set " + need.what() + " memory limit (" + need.limitBytes()
                    + ") below current usage (" + usage(need.cgroup()) + ")");
        }
        return new Refusal(
                ResizeCondition.DEFERRED, Refusal.Kind.PRECONDITION, "cannot decrease memory limits: " + texts);
    }
}
