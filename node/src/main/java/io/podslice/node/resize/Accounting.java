package io.podslice.node.resize;

import io.podslice.cgroups.CgroupException;
import io.podslice.managers.pod.AccountedResources;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.InvalidPodSpecException;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.resize.AllocatedSpec;
import io.podslice.node.ContainerRequest;
import io.podslice.node.NodeConfig;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.SpecSource;
import io.podslice.node.StateException;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PodBudget;
import io.podslice.node.state.PodState;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a pod to the values with which the kubelet makes its sandbox anew, or creates one of its containers. They differ
 * from the allocated ones where a resize restarts a container, or was made while podslice was away.
 */
public final class Accounting {
    private static final Logger log = LoggerFactory.getLogger(Accounting.class);

    private final NodeConfig config;
    private final Ledger ledger;
    private final Resizes resizes;

    /** The containers that have been created since podslice started, as uid and name: NRI tells no attempt. */
    private final Set<String> created = new HashSet<>();

    public Accounting(NodeConfig config, Ledger ledger, Resizes resizes) {
        this.config = config;
        this.ledger = ledger;
        this.resizes = resizes;
    }

    /**
     * Brings a pod to the totals with which the kubelet makes its sandbox anew.
     *
     * @throws RefusedException if the pod cannot have them
     * @throws CgroupException if the kernel refuses something; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    public void sandbox(PodState pod, PodSandboxRequest request) throws RefusedException {
        ledger.assertHeld();
        if (!isKubelets(request)) {
            return;
        }
        if (!pod.asks()) {
            asFarAsItFits(pod, request);
            return;
        }
        Allocation allocation = toTotals(pod, request);
        if (!allocation.equals(pod.allocation())) {
            resizes.apply(pod, allocation, pod.resizing());
        }
    }

    /**
     * Allocates the totals of a new sandbox. Where the allocated containers do not fit them, the kubelet has resized these
     * too while podslice was away. No container runs, so all of it is allocated at once: as a source of the cluster tells
     * of it, or else with containers that fit the totals until each is created with the kubelet's own values.
     */
    private Allocation toTotals(PodState pod, PodSandboxRequest request) throws RefusedException {
        LinuxResources sent = limitsThatAreSet(request.resources(), pod.budget());
        try {
            return resizes.toBudget(pod, request.overhead(), sent);
        } catch (RefusedException e) {
            return described(pod, request).or(() -> fitted(pod, request, sent)).orElseThrow(() -> e);
        }
    }

    private Optional<Allocation> described(PodState pod, PodSandboxRequest request) {
        PodSpec described = pod.description().spec().orElse(null);
        if (described == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(resizes.toSpec(pod, AllocatedSpec.withAccounted(described, request.resources())));
        } catch (RefusedException e) {
            return Optional.empty(); // the refusal of the totals says what does not fit
        }
    }

    private Optional<Allocation> fitted(PodState pod, PodSandboxRequest request, LinuxResources sent) {
        PodSpec allocated = pod.spec().orElse(null);
        if (allocated == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(resizes.toFitted(pod, allocated, request.overhead(), sent));
        } catch (RefusedException e) {
            return Optional.empty(); // the refusal of the totals says what does not fit
        }
    }

    /**
     * Brings a pod that asks nothing to its totals. Where they do not fit it runs with the CPUs that it has, and gets the
     * rest when they come free.
     */
    private void asFarAsItFits(PodState pod, PodSandboxRequest request) {
        try {
            LinuxResources sent =
                    pod.inferred() ? request.resources() : limitsThatAreSet(request.resources(), pod.budget());
            Allocation allocation = resizes.toBudget(pod, request.overhead(), sent);
            if (!allocation.equals(pod.allocation())) {
                resizes.apply(pod, allocation, pod.resizing());
            }
        } catch (RefusedException e) {
            log.info(
                    "pod {} keeps CPUs {}: {}",
                    pod.fullName(),
                    pod.placement().cpus(),
                    e.refusal().text());
        }
    }

    /**
     * Leaves out limits that the pod does not have: where only some containers have a limit, the kubelet sends their sum,
     * and limits nothing by it. A pod-level CPU limit counts where its quota is lifted, too.
     */
    private static LinuxResources limitsThatAreSet(LinuxResources sent, PodBudget budget) {
        PodCgroupValues values = budget.cgroup();
        boolean limitsCpu = values.cpuQuotaMicros() > 0 || budget.limits().has(ResourceName.CPU);
        LinuxResources result = limitsCpu ? sent : sent.withCpuQuota(0, 0);
        return values.memoryMaxBytes() > 0 ? result : result.withMemoryLimit(0);
    }

    /**
     * Brings a pod to the values with which the kubelet creates one of its containers.
     *
     * @return the pod, resized where the values differ
     * @throws RefusedException if the pod asks something of podslice, and its annotation claims more for the container than
     *     the kubelet has accounted and no resize explains it, or the container cannot have the values
     * @throws CgroupException if the kernel refuses something; nothing has changed
     * @throws StateException if the state cannot be saved; nothing has changed
     */
    public PodState container(PodState pod, ContainerRequest request) throws RefusedException {
        ledger.assertHeld();
        PodSpec spec = pod.spec().orElse(null);
        ContainerSpec container =
                spec == null ? null : spec.container(request.name()).orElse(null);
        AccountedResources accounted = new AccountedResources(request.resources(), config.cfs());
        if (spec == null
                || container == null
                || container.kind() == ContainerKind.EPHEMERAL
                || !isKubelets(request.sandbox())
                || !accounted.isKnown()) {
            return pod;
        }
        String key = pod.uid() + "/" + request.name();
        if (request.attempt() == 0 && !created.contains(key) && isAsAdmitted(pod, spec)) {
            String path = PodAnnotations.POD_SPEC + ": containers["
                    + spec.containers().indexOf(container) + "]";
            Optional<InvalidPodSpecException> excess = accounted.excessOf(spec, container, path);
            if (excess.isPresent()) {
                throw new RefusedException(new Refusal(
                        "InvalidPodSpec",
                        Refusal.Kind.INVALID,
                        String.valueOf(excess.get().getMessage())));
            }
        }
        created.removeIf(other ->
                ledger.state().pod(other.substring(0, other.indexOf('/'))).isEmpty());
        created.add(key);
        try {
            Allocation allocation = resizes.toCreated(pod, request.name(), request.resources());
            if (allocation.equals(pod.allocation())) {
                return pod;
            }
            resizes.apply(pod, allocation, pod.resizing());
        } catch (RefusedException e) {
            if (pod.asks()) {
                throw e;
            }
            log.info(
                    "container {}/{} keeps what it has: {}",
                    pod.fullName(),
                    request.name(),
                    e.refusal().text());
        }
        return ledger.state().pod(pod.uid()).orElse(pod);
    }

    /** Tells if the pod's spec is that of its annotation, as no resize has changed it; the cluster's is never doubted. */
    private static boolean isAsAdmitted(PodState pod, PodSpec spec) {
        return pod.description().source() == SpecSource.ANNOTATION
                && pod.describedSpec().equals(Optional.of(spec));
    }

    /** Tells if the pod comes from a kubelet: crictl's sandboxes have no resources. */
    private boolean isKubelets(PodSandboxRequest request) {
        return new AccountedResources(request.resources(), config.cfs()).isKnown();
    }
}
