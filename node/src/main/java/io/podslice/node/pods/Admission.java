package io.podslice.node.pods;

import io.podslice.cgroups.AllowedCpus;
import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.HugePageSize;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.QosCgroups;
import io.podslice.managers.pod.QosClass;
import io.podslice.node.NodeConfig;
import io.podslice.node.PodPhase;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.StateException;
import io.podslice.node.change.Changes;
import io.podslice.node.change.PodCgroup;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.Description;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodIdentity;
import io.podslice.node.state.PodLife;
import io.podslice.node.state.PodState;
import io.podslice.node.state.Resizing;
import io.podslice.node.state.StateRoom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Admits pods: places them, and makes their cgroup. */
public final class Admission {
    private static final Logger log = LoggerFactory.getLogger(Admission.class);

    private final CgroupPath kubepods;
    private final QosCgroups qosCgroups;
    private final List<HugePageSize> pageSizes;
    private final CgroupFiles files;
    private final Clock clock;
    private final Placements placements;
    private final BoundsCheck bounds;
    private final MemoryQos qos;
    private final PodNotes notes;
    private final Ledger ledger;
    private final LostPods lostPods;
    private final Changes changes;

    /** Uids of pods that have run in a sandbox that does not run any more. */
    private Set<String> ranBefore = Set.of();

    public Admission(
            NodeConfig config,
            Machine machine,
            CgroupFiles files,
            Clock clock,
            Placements placements,
            BoundsCheck bounds,
            MemoryQos qos,
            PodNotes notes,
            Ledger ledger,
            LostPods lostPods,
            Changes changes) {
        this.kubepods = config.kubepods();
        this.qosCgroups = new QosCgroups(config.layout());
        this.pageSizes = machine.hugePageSizes();
        this.files = files;
        this.clock = clock;
        this.placements = placements;
        this.bounds = bounds;
        this.qos = qos;
        this.notes = notes;
        this.ledger = ledger;
        this.lostPods = lostPods;
        this.changes = changes;
    }

    /**
     * Takes note of the pods of which the runtime has sandboxes that do not run any more: they are no new ones, which NRI,
     * unlike CRI, does not tell by an attempt.
     *
     * @param uids the pods' uids, in place of those that were noted before
     */
    public void ranBefore(Set<String> uids) {
        ledger.assertHeld();
        ranBefore = Set.copyOf(uids);
    }

    /** Tells if a pod has never run on this node, as far as podslice knows. */
    public boolean isNew(PodSandboxRequest request) {
        ledger.assertHeld();
        return ledger.state().pod(request.uid()).isEmpty() && hasNotRun(request);
    }

    private boolean hasNotRun(PodSandboxRequest request) {
        return request.attempt() == 0 && !ranBefore.contains(request.uid());
    }

    /** The outcome of an admission. */
    public sealed interface Outcome {
        /**
         * The pod is admitted.
         *
         * @param before the pod's state before; null if it had none
         * @param steps the steps that changed something for it
         */
        record Admitted(PodState pod, @Nullable PodState before, List<AppliedStep> steps) implements Outcome {}

        /** The pod passes, and the state does not need to have it. */
        record Untouched() implements Outcome {}

        /** The pod cannot be admitted on this node. */
        record Rejected(Refusal refusal) implements Outcome {}
    }

    /**
     * Admits a pod.
     *
     * @throws CgroupException if the kernel refuses something; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    public Outcome admit(PodSandboxRequest request, PodAsk ask) {
        return admit(request, ask, null, "");
    }

    /**
     * Admits a pod whose sandbox runs already.
     *
     * @param found the placement that its cgroups show; null if they show none, and then it is placed as a new pod
     * @throws CgroupException if the kernel refuses something; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    public Outcome takeIn(PodSandboxRequest request, PodAsk ask, @Nullable PodPlacement found, String sandboxId) {
        return admit(request, ask, found, sandboxId);
    }

    private Outcome admit(PodSandboxRequest request, PodAsk ask, @Nullable PodPlacement found, String sandboxId) {
        ledger.assertHeld();
        boolean exists;
        try {
            exists = files.exists(ask.cgroup());
        } catch (CgroupException e) {
            return unusable(ask, e);
        }
        Refusal claimed = claimed(request, ask.cgroup());
        if (claimed != null) {
            return ask.asks() ? new Outcome.Rejected(claimed) : new Outcome.Untouched();
        }
        PodState before = before(request, ask);
        boolean isNew = before == null && hasNotRun(request);
        if (ask.excess().isPresent() && isNew && sandboxId.isEmpty()) {
            // Of a pod that has run before, a resize may have made the annotation stale.
            return new Outcome.Rejected(ask.excess().get());
        }
        PodAsk kept = ask;
        PodPlacement placement;
        try {
            if (before == null) {
                StateRoom.require(ledger.state(), ask.annotations(), ask.description());
            }
            if (before == null && found == null) {
                bounds.annotations(request, ask);
            }
            placement = placement(request, ask, before, found);
        } catch (RefusedException e) {
            if (ask.asks()) {
                return new Outcome.Rejected(e.refusal());
            }
            say(request, " shares: " + e.refusal().text());
            kept = withinBounds(request, ask, before) ? ask : ask.undescribed();
            placement = PodPlacement.none(kept.spec());
        }
        return enter(request, kept, placement, before, exists, sandboxId);
    }

    /** Tells if a pod that shares may be kept with its spec: by that its memory is protected. */
    private boolean withinBounds(PodSandboxRequest request, PodAsk ask, @Nullable PodState before) {
        if (ask.inferred()) {
            return true;
        }
        try {
            StateRoom.require(ledger.state(), ask.annotations(), ask.description());
            bounds.admission(
                    ledger.state().without(request.uid()), request, ask, before, PodPlacement.none(ask.spec()));
            return true;
        } catch (RefusedException e) {
            say(request, ": its memory is not protected: " + e.refusal().text());
            return false;
        }
    }

    /** Writes a line that begins with a pod's name into the log, unless this is a dry run. */
    private void say(PodSandboxRequest request, String what) {
        if (ledger.isKept()) {
            log.info("pod {}/{}{}", request.namespace(), request.name(), what);
        }
    }

    /**
     * Returns the pod's state before the admission, by its uid, or by its cgroup for a pod that was found running; null
     * if there is none.
     */
    private @Nullable PodState before(PodSandboxRequest request, PodAsk ask) {
        for (PodState pod : ledger.state().pods()) {
            if (pod.isFound() && pod.cgroup().equals(ask.cgroup())) {
                return pod;
            }
        }
        return ledger.state().pod(request.uid()).orElse(null);
    }

    private PodPlacement placement(
            PodSandboxRequest request, PodAsk ask, @Nullable PodState before, @Nullable PodPlacement found)
            throws RefusedException {
        if (found != null) {
            return placements.keep(request.uid(), ask, before, found);
        }
        EarlierAdmission earlier = earlier(before, ask);
        if (before != null && earlier != null && earlier.keepsPlacement()) {
            return before.placement();
        }
        if (before != null && earlier != null && earlier.isDescribedNow() && before.hasCpus()) {
            return placements.keep(request.uid(), ask, before, Placements.named(before.placement(), ask.spec()));
        }
        PodPlacement placed = placements.place(request.uid(), ask, before);
        checkAbove(ask.cgroup(), placed);
        NodeState others = before == null ? ledger.state() : ledger.state().without(before.uid());
        bounds.admission(others.without(request.uid()), request, ask, before, placed);
        return placed;
    }

    /**
     * Refuses CPUs that the cgroups above a pod do not allow, where the pod is not below the root of all pods, whose CPUs
     * placements go by.
     */
    private void checkAbove(CgroupPath path, PodPlacement placement) throws RefusedException {
        if (path.isWithin(kubepods) || !placement.hasCpus()) {
            return;
        }
        AllowedCpus above =
                AllowedCpus.read(files, path.parent().orElse(CgroupPath.ROOT)).orElse(null);
        CpuSet cpus = placement.cpus();
        if (above != null && !above.all().containsAll(cpus)) {
            throw new RefusedException(new Refusal(
                    "InvalidCgroupParent",
                    Refusal.Kind.PRECONDITION,
                    "linux.cgroup_parent \"" + path + "\": CPUs "
                            + cpus.minus(above.all()) + " of the pod's " + cpus
                            + " are not in cpuset.cpus.effective of " + above.cgroup() + ", which is " + above.cpus()
                            + "; below " + kubepods + " pods get CPUs that they can use"));
        }
    }

    /**
     * Refuses a cgroup path that leads over a symbolic link or a file, or is too long: an error of the request, not of
     * the node.
     */
    private static Outcome unusable(PodAsk ask, CgroupException e) {
        if (e.errno() != Errno.ELOOP && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ENAMETOOLONG) {
            throw e;
        }
        return ask.asks()
                ? new Outcome.Rejected(new Refusal(
                        "InvalidCgroupParent",
                        Refusal.Kind.INVALID,
                        "linux.cgroup_parent \"" + ask.cgroup() + "\": " + e.getMessage()))
                : new Outcome.Untouched();
    }

    /** Refuses a uid or cgroup that is another pod's; null if both are free. */
    private @Nullable Refusal claimed(PodSandboxRequest request, CgroupPath path) {
        for (PodState pod : List.copyOf(ledger.state().pods())) {
            boolean overlaps = pod.cgroup().isWithin(path) || path.isWithin(pod.cgroup());
            boolean sameUid = pod.uid().equals(request.uid());
            boolean found = pod.isFound() && pod.cgroup().equals(path);
            boolean conflicts = sameUid ? isAnother(pod, request, path) : overlaps && !found;
            if (conflicts && pod.phase() != PodPhase.STOPPED && !lostPods.releaseIfLost(pod)) {
                String owner = "pod " + pod.fullName() + " (uid " + pod.uid() + ", cgroup " + pod.cgroup() + ")";
                return sameUid
                        ? new Refusal(
                                "InvalidPodSpec",
                                Refusal.Kind.INVALID,
                                "metadata.uid \"" + request.uid() + "\": is that of " + owner)
                        : new Refusal(
                                "InvalidCgroupParent",
                                Refusal.Kind.INVALID,
                                "linux.cgroup_parent \"" + path + "\": "
                                        + (pod.cgroup().equals(path) ? "is" : "overlaps") + " the cgroup of " + owner);
            }
        }
        return null;
    }

    /** Tells if a pod has the request's uid but is another one: people copy files for crictl. */
    private static boolean isAnother(PodState pod, PodSandboxRequest request, CgroupPath path) {
        boolean renamed = !pod.name().equals(request.name()) || !pod.namespace().equals(request.namespace());
        return !pod.cgroup().equals(path) || (renamed && !pod.isFound());
    }

    private @Nullable EarlierAdmission earlier(@Nullable PodState before, PodAsk ask) {
        return before == null ? null : new EarlierAdmission(before, ask, placements.setSize(ask) > 0);
    }

    private Outcome enter(
            PodSandboxRequest request,
            PodAsk ask,
            PodPlacement placement,
            @Nullable PodState before,
            boolean exists,
            String sandboxId) {
        boolean asksNothing = !ask.asks()
                && !placement.hasCpus()
                && !placement.hasMemory()
                && (ask.inferred() ? !placements.mayCarve(ask) : qos.isOff())
                && (exists || ask.budget().isEmpty());
        if (asksNothing && before == null) {
            changes.cover(ask.cgroup());
            return new Outcome.Untouched();
        }
        EarlierAdmission earlier = earlier(before, ask);
        EarlierAdmission kept = earlier != null && earlier.keepsAllocation() ? earlier : null;
        PodIdentity identity = new PodIdentity(
                request.uid(),
                request.namespace(),
                request.name(),
                ask.cgroup(),
                !exists || isOurs(ask.cgroup(), before),
                ask.annotations());
        Description description = kept == null ? ask.description() : kept.description();
        Allocation allocation = kept == null
                ? new Allocation(ask.statedSpec(), ask.budgetIn(placement), placement)
                : kept.allocation().withPlacement(placement);
        PodLife life = new PodLife(
                sandboxId.isEmpty() ? PodPhase.STARTING : PodPhase.RUNNING,
                ledger.nextSerial(),
                sandboxId,
                clock.instant());
        Resizing resizing = before == null ? Resizing.NONE : before.resizing();
        PodState pod = new PodState(
                identity, description, allocation, life, List.of(), kept == null ? resizing.settled() : resizing);
        NodeState known = before == null ? ledger.state() : ledger.state().without(before.uid());
        NodeState next = known.with(pod);
        List<AppliedStep> steps = changes.enforceOrThrow(
                next,
                cgroupPlans(pod, exists),
                change -> change.shrinks().then(change.widens()),
                pod.hasCpus() ? pod : null,
                "admit " + pod.fullName());
        if (before != null && before.madeCgroup() && !before.cgroup().equals(pod.cgroup())) {
            changes.removeCgroup(before);
        }
        notes.keep(pod.uid(), ask.note(), next);
        boolean isNews = before == null || !before.description().source().equals(description.source());
        if (isNews && ledger.isKept()) {
            log.info(
                    "pod {} (uid {}): CPUs {}, spec from {}{}",
                    pod.fullName(),
                    pod.uid(),
                    pod.hasCpus() ? pod.placement().cpus() : "of the shared pool",
                    description.source().text(),
                    ask.note().inBrackets());
        }
        return new Outcome.Admitted(pod, before, steps);
    }

    private static boolean isOurs(CgroupPath path, @Nullable PodState before) {
        return before != null && before.madeCgroup() && before.cgroup().equals(path);
    }

    /** Plans the cgroup with its budget; one that exists already and whose budget is the kubelet's is left as it is. */
    private List<Plan> cgroupPlans(PodState pod, boolean exists) {
        List<Plan> plans = new ArrayList<>();
        plans.add(PodCgroup.ancestors(pod.cgroup(), files::exists));
        if (!exists) {
            plans.add(PodCgroup.create(pod.cgroup()));
        }
        if (!exists || pod.ownsBudget()) {
            boolean limitsPages =
                    files.read(CgroupPath.ROOT, CgroupFile.CONTROLLERS).contains("hugetlb");
            plans.add(PodCgroup.values(pod.cgroup(), pod.budget(), limitsPages ? pageSizes : List.of()));
        }
        if (pod.hasCpus() && files.exists(kubepods)) {
            plans.add(PodCgroup.ancestors(qosCgroups.holding(QosClass.BURSTABLE), files::exists));
        }
        return plans;
    }
}
