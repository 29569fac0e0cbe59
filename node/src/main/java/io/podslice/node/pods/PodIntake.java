package io.podslice.node.pods;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.layout.CgroupParent;
import io.podslice.managers.placement.CpuManagerPolicy;
import io.podslice.managers.placement.MemoryManagerPolicy;
import io.podslice.managers.pod.AccountedResources;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.ExclusiveCpus;
import io.podslice.managers.pod.InvalidPodSpecException;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.PodSpecFields;
import io.podslice.managers.pod.QosCgroups;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.resize.AllocatedSpec;
import io.podslice.node.AssignedDevice;
import io.podslice.node.DeviceLocality;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeSources;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.state.PodBudget;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads a pod's demands on podslice from its CRI request, and looks up what the cluster knows of it, and the devices that
 * it names or has. None of that needs the state of the node, so it is done before the brain's lock is taken: a tenant, and
 * the sources, decide how long it takes.
 */
public final class PodIntake {
    private final NodeConfig config;
    private final QosCgroups qosCgroups;
    private final DeviceLocality devices;
    private final PodLookups lookups;
    private final PodDescriptions descriptions;

    /**
     * Makes an intake that asks sources about pods.
     *
     * @param devices finds the NUMA nodes of devices that pods name
     */
    public PodIntake(NodeConfig config, DeviceLocality devices, NodeSources sources) {
        this.config = config;
        this.qosCgroups = new QosCgroups(config.layout());
        this.devices = devices;
        this.lookups = new PodLookups(sources);
        this.descriptions = new PodDescriptions(lookups, config.cfs());
    }

    /** Makes an intake that has no sources beside CRI. */
    public PodIntake(NodeConfig config, DeviceLocality devices) {
        this(config, devices, NodeSources.NONE);
    }

    /** The outcome of reading a pod. */
    public sealed interface Intake {
        /** The pod asks nothing, and its cgroup is outside those that podslice manages. */
        record PassThrough() implements Intake {}

        /** The pod has demands, or may be given CPUs by inference. */
        record Asks(PodAsk ask) implements Intake {}

        /** The pod asks for something that is malformed or that this node does not offer. */
        record Refused(Refusal refusal) implements Intake {}
    }

    /** Returns podslice's own annotations among the pod's. */
    public static Map<String, String> own(Map<String, String> annotations) {
        Map<String, String> own = new TreeMap<>();
        annotations.forEach((key, value) -> {
            if (PodAnnotations.isOwn(key)) {
                own.put(key, value);
            }
        });
        return own;
    }

    /** Tells if there are sources that may describe a pod that nothing describes yet. */
    public boolean hasSources() {
        return lookups.hasSources();
    }

    /** Reads a pod as it comes with RunPodSandbox. */
    public Intake read(PodSandboxRequest request) {
        return read(request, false);
    }

    /** Reads a pod whose sandbox runs already. It keeps what it has, and its devices are not looked up. */
    public Intake readRunning(PodSandboxRequest request) {
        return read(request, true);
    }

    private Intake read(PodSandboxRequest request, boolean runs) {
        PodLookups.Time time = lookups.begin();
        CgroupParent parent = config.layout().podOf(request.cgroupParent());
        PodDescriptions.Found found = PodDescriptions.Found.NOTHING;
        boolean mayHaveSpec = false;
        if (parent instanceof CgroupParent.Usable(CgroupPath path) && mayBeDescribed(request, path)) {
            found = descriptions.find(request, qosCgroups.ofPod(path), runs, time);
            mayHaveSpec = hasSources();
        }
        PodAnnotations annotations;
        try {
            annotations = annotations(request.annotations(), found, mayHaveSpec);
        } catch (InvalidPodSpecException e) {
            return new Intake.Refused(invalid(String.valueOf(e.getMessage())));
        }
        Intake intake = switch (parent) {
            case CgroupParent.Unusable unusable ->
                annotations.asksAnything()
                        ? new Intake.Refused(invalidParent(unusable.message()))
                        : new Intake.PassThrough();
            case CgroupParent.Usable(CgroupPath path) -> read(request, annotations, path, found);
        };
        return intake instanceof Intake.Asks(PodAsk ask)
                ? new Intake.Asks(withNote(
                        request, ask, annotations, descriptions.beside(request, found, annotations.spec()), runs, time))
                : intake;
    }

    /** @param mayHaveSpec true if a source may describe the pod at another time, though none does now */
    private static PodAnnotations annotations(
            Map<String, String> annotations, PodDescriptions.Found found, boolean mayHaveSpec) {
        if (found.pod().isPresent()) {
            return PodAnnotations.beside(found.pod().get().spec(), annotations);
        }
        return mayHaveSpec ? PodAnnotations.undescribed(annotations) : PodAnnotations.of(annotations);
    }

    private Intake read(
            PodSandboxRequest request, PodAnnotations annotations, CgroupPath path, PodDescriptions.Found found) {
        if (annotations.asksAnything()) {
            return annotated(request, annotations, path, found.pod());
        }
        return found.pod().isPresent()
                ? new Intake.Asks(
                        described(request, annotations, path, found.pod().get()))
                : inferred(request, path);
    }

    /** Tells if the sources may know the pod, and say something of it that matters. */
    private boolean mayBeDescribed(PodSandboxRequest request, CgroupPath path) {
        boolean counts = !qosCgroups.ofPod(path).equals(Optional.of(QosClass.BEST_EFFORT))
                || request.annotations().containsKey(PodAnnotations.POD_SPEC);
        return counts && isPod(path) && !request.uid().isEmpty();
    }

    private boolean isPod(CgroupPath path) {
        return path.isWithin(config.kubepods()) && !path.equals(config.kubepods()) && !qosCgroups.isClass(path);
    }

    /** Adds what the sources said, and the devices that the kubelet has assigned to a pod that names none. */
    private PodAsk withNote(
            PodSandboxRequest request,
            PodAsk ask,
            PodAnnotations annotations,
            PodDescriptions.Found found,
            boolean runs,
            PodLookups.Time time) {
        boolean looked = !runs && annotations.devices().isEmpty() && isPod(ask.cgroup()) && mayBePlaced(ask);
        Map<String, List<AssignedDevice>> assigned = looked ? lookups.devices(request, time) : Map.of();
        PodNotes.Note note = new PodNotes.Note(found.remarks(), assigned);
        return note.equals(PodNotes.Note.NONE)
                ? ask
                : ask.with(assigned.isEmpty() ? ask.devices() : DeviceNodes.of(assigned), note);
    }

    /** Tells if the pod may be given CPUs, or memory on certain NUMA nodes. */
    private boolean mayBePlaced(PodAsk ask) {
        boolean cpus = ExclusiveCpus.ofPod(ask.spec()) > 0;
        for (ContainerSpec container : ask.spec().containers()) {
            cpus |= ExclusiveCpus.of(ask.spec(), container, ask.exclusive().get(container.name())) > 0;
        }
        boolean memory = config.policy().memoryManagerPolicy() == MemoryManagerPolicy.STATIC
                && QosClass.of(ask.spec()) == QosClass.GUARANTEED;
        return memory || (cpus && config.policy().cpuManagerPolicy() == CpuManagerPolicy.STATIC);
    }

    private Intake annotated(
            PodSandboxRequest request,
            PodAnnotations annotations,
            CgroupPath path,
            Optional<PodDescriptions.Described> pod) {
        if (config.kubepods().isWithin(path) || qosCgroups.isClass(path)) {
            return new Intake.Refused(
                    invalidParent("linux.cgroup_parent \"" + path + "\" holds all pods: a pod needs its own"));
        }
        if (request.uid().isEmpty()) {
            return new Intake.Refused(new Refusal(
                    "InvalidPodSpec", Refusal.Kind.INVALID, "metadata.uid: Required value: podslice keys pods by uid"));
        }
        if (annotations.exclusive().containsValue(true)
                && config.policy().cpuManagerPolicy() == CpuManagerPolicy.NONE) {
            return new Intake.Refused(new Refusal(
                    "ExclusiveCPUsUnavailable",
                    Refusal.Kind.PRECONDITION,
                    PodAnnotations.EXCLUSIVE_PREFIX + "* asks for exclusive CPUs; this node has cpuManagerPolicy"
                            + " \"none\", \"static\" gives them"));
        }
        if (pod.isPresent()) {
            return new Intake.Asks(described(request, annotations, path, pod.get()));
        }
        if (annotations.spec().isEmpty()) {
            return new Intake.Asks(new PodAsk(
                    path,
                    own(request.annotations()),
                    inferredSpec(request, path),
                    annotations.exclusive(),
                    DeviceNodes.find(annotations.devices(), devices),
                    inferredBudget(request),
                    Optional.empty()));
        }
        return stated(request, annotations, annotations.spec().get(), path);
    }

    /**
     * Reads a pod that a source of the cluster describes: containers, kinds, memory requests and resize policies are the
     * source's, the totals are those that the kubelet has accounted. Its annotations choose for its containers.
     */
    private PodAsk described(
            PodSandboxRequest request, PodAnnotations annotations, CgroupPath path, PodDescriptions.Described pod) {
        return new PodAsk(
                path,
                own(request.annotations()),
                pod.description(),
                pod.spec(),
                annotations.exclusive(),
                DeviceNodes.find(annotations.devices(), devices),
                budgetOf(request, pod.spec()),
                Optional.empty(),
                PodNotes.Note.NONE);
    }

    /**
     * Reads a pod whose annotation gives its spec: the containers are the annotation's, the totals are those that the kubelet has
     * accounted. Where the sandbox has none, it comes from no kubelet, and the annotation is taken at its word.
     */
    private Intake stated(PodSandboxRequest request, PodAnnotations annotations, PodSpec claimed, CgroupPath path) {
        AccountedResources accounted = new AccountedResources(request.resources(), config.cfs());
        Optional<InvalidPodSpecException> excess = Optional.empty();
        PodSpec spec = claimed;
        if (accounted.isKnown()) {
            QosClass ofCgroup = qosCgroups.ofPod(path).orElse(QosClass.of(claimed));
            if (QosClass.of(claimed) != ofCgroup) {
                return new Intake.Refused(invalid(PodAnnotations.POD_SPEC + ": resources make the pod "
                        + QosClass.of(claimed).text() + "; linux.cgroup_parent \"" + path
                        + "\" says that the kubelet has accounted a " + ofCgroup.text() + " pod"));
            }
            excess = accounted.excessOf(claimed, PodSpecFields.inAnnotation(PodAnnotations.POD_SPEC));
            spec = AllocatedSpec.withAccounted(claimed, request.resources());
        }
        return new Intake.Asks(new PodAsk(
                path,
                own(request.annotations()),
                spec,
                annotations.exclusive(),
                DeviceNodes.find(annotations.devices(), devices),
                budgetOf(request, spec),
                excess.map(e -> invalid(String.valueOf(e.getMessage())))));
    }

    /** Returns the budget of a pod whose spec is known; the totals of its containers are the kubelet's where it has any. */
    private PodBudget budgetOf(PodSandboxRequest request, PodSpec spec) {
        ResourceList overhead = overheadOf(request.overhead());
        PodCgroupValues values = PodCgroupValues.of(spec, overhead, config.cfs());
        if (new AccountedResources(request.resources(), config.cfs()).isKnown() && !spec.hasPodLevelResources()) {
            values = within(
                    values,
                    withOverhead(request.resources(), overhead, config.cfs().periodMicros()));
        }
        return new PodBudget(values, true, spec.resources().limits(), overhead);
    }

    /** Returns values with the accounted ones in place of those that the containers of a pod add up to. */
    private static PodCgroupValues within(PodCgroupValues claimed, PodCgroupValues accounted) {
        boolean limitsCpu = claimed.cpuQuotaMicros() > 0 && accounted.cpuQuotaMicros() > 0;
        boolean limitsMemory = claimed.memoryMaxBytes() > 0 && accounted.memoryMaxBytes() > 0;
        return new PodCgroupValues(
                accounted.cpuShares(),
                limitsCpu ? accounted.cpuQuotaMicros() : claimed.cpuQuotaMicros(),
                limitsCpu ? accounted.cpuPeriodMicros() : claimed.cpuPeriodMicros(),
                limitsMemory ? accounted.memoryMaxBytes() : claimed.memoryMaxBytes(),
                claimed.hugetlbMaxBytes());
    }

    private static Refusal invalid(String message) {
        return new Refusal("InvalidPodSpec", Refusal.Kind.INVALID, message);
    }

    private Intake inferred(PodSandboxRequest request, CgroupPath path) {
        if (!isPod(path) || request.uid().isEmpty()) {
            return new Intake.PassThrough();
        }
        PodSpec spec = inferredSpec(request, path);
        return new Intake.Asks(new PodAsk(
                path, Map.of(), spec, Map.of(), DeviceNodes.NONE, inferredBudget(request), Optional.empty()));
    }

    /**
     * Infers a pod's spec from CRI. A Guaranteed pod gets pod-level resources; for any other, CRI has no values that
     * would give it CPUs.
     */
    private PodSpec inferredSpec(PodSandboxRequest request, CgroupPath path) {
        LinuxResources resources = request.resources();
        long milli = cpuLimitMilli(resources);
        boolean guaranteed = qosCgroups.ofPod(path).equals(Optional.of(QosClass.GUARANTEED))
                && milli > 0
                && resources.memoryLimitBytes() > 0;
        if (!guaranteed) {
            return new PodSpec(ResourceRequirements.NONE, List.of());
        }
        ResourceList amounts = ResourceList.EMPTY
                .with(ResourceName.CPU, Quantity.ofMillis(milli))
                .with(ResourceName.MEMORY, Quantity.ofBytes(resources.memoryLimitBytes()));
        return new PodSpec(new ResourceRequirements(amounts, amounts), List.of());
    }

    /**
     * Returns the CPU limit in millicores. With a lifted quota the kubelet has pinned the pod, and its request is its
     * limit.
     */
    public static long cpuLimitMilli(LinuxResources resources) {
        return resources.cpuQuotaMicros() < 0
                ? CpuUnits.milliOfShares(resources.cpuShares())
                : CpuUnits.milliOfQuota(resources.cpuQuotaMicros(), resources.cpuPeriodMicros());
    }

    private PodBudget inferredBudget(PodSandboxRequest request) {
        LinuxResources resources = request.resources();
        ResourceList overhead = overheadOf(request.overhead());
        ResourceList limits = ResourceList.EMPTY;
        long milli = CpuUnits.milliOfQuota(resources.cpuQuotaMicros(), resources.cpuPeriodMicros());
        if (milli > 0) {
            limits = limits.with(ResourceName.CPU, Quantity.ofMillis(milli));
        }
        if (resources.memoryLimitBytes() > 0) {
            limits = limits.with(ResourceName.MEMORY, Quantity.ofBytes(resources.memoryLimitBytes()));
        }
        return new PodBudget(withOverhead(resources, overhead, config.cfs().periodMicros()), false, limits, overhead);
    }

    /** Returns the values of a pod's cgroup from its CRI values, which are without its overhead. */
    public static PodCgroupValues withOverhead(LinuxResources resources, ResourceList overhead, long defaultPeriod) {
        long period = resources.cpuPeriodMicros() > 0 ? resources.cpuPeriodMicros() : defaultPeriod;
        long quota = resources.cpuQuotaMicros();
        if (quota > 0) {
            quota += overhead.cpuMillis() * period / 1000;
        }
        long shares = Math.max(CpuUnits.MIN_SHARES, resources.cpuShares());
        if (overhead.cpuMillis() > 0) {
            shares = CpuUnits.sharesOf(CpuUnits.milliOfShares(shares) + overhead.cpuMillis());
        }
        long memory = resources.memoryLimitBytes();
        return new PodCgroupValues(
                shares, quota, period, memory > 0 ? memory + overhead.memoryBytes() : 0, new TreeMap<>());
    }

    /** Returns CRI's {@code linux.overhead} as amounts of CPU and memory. */
    public static ResourceList overheadOf(LinuxResources overhead) {
        ResourceList result = ResourceList.EMPTY;
        long milli = overhead.cpuQuotaMicros() > 0
                ? CpuUnits.milliOfQuota(overhead.cpuQuotaMicros(), overhead.cpuPeriodMicros())
                : overhead.cpuShares() > CpuUnits.MIN_SHARES ? CpuUnits.milliOfShares(overhead.cpuShares()) : 0;
        if (milli > 0) {
            result = result.with(ResourceName.CPU, Quantity.ofMillis(milli));
        }
        if (overhead.memoryLimitBytes() > 0) {
            result = result.with(ResourceName.MEMORY, Quantity.ofBytes(overhead.memoryLimitBytes()));
        }
        return result;
    }

    private static Refusal invalidParent(String message) {
        return new Refusal("InvalidCgroupParent", Refusal.Kind.INVALID, message);
    }
}
