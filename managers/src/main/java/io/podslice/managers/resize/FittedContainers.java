package io.podslice.managers.resize;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fits containers into the pod-level resources that they exceed, where the kubelet has resized both and has named only the
 * pod's so far. The largest amounts are lowered to one level. They stand in for the kubelet's own until CRI names these
 * with the container's creation. Pure.
 */
public final class FittedContainers {
    private static final long MILLIS_OF_A_CPU = 1000;

    private final Set<String> kept;
    private final Set<String> exclusive;

    private FittedContainers(Set<String> kept, Set<String> exclusive) {
        this.kept = kept;
        this.exclusive = exclusive;
    }

    /**
     * Returns the pod with containers that fit its pod-level resources. A request that equals its limit still does, and
     * one below it stays below it. Init containers keep their amounts, for a resize never changes these.
     *
     * @param pod the pod with its defaults
     * @param kept names of other containers that keep their amounts, as those that run do
     * @param exclusive names of the containers with exclusive CPUs: each keeps whole CPUs, at least one, and together they
     *     leave one to the containers that share; no other container gets a whole CPU request that it did not have
     * @return empty if the pod has no pod-level resources, or its containers cannot fit them
     */
    public static Optional<PodSpec> of(PodSpec pod, Set<String> kept, Set<String> exclusive) {
        FittedContainers fitted = new FittedContainers(kept, exclusive);
        return pod.hasPodLevelResources()
                ? fitted.of(pod, ResourceName.CPU).flatMap(cpu -> fitted.of(cpu, ResourceName.MEMORY))
                : Optional.empty();
    }

    private Optional<PodSpec> of(PodSpec pod, ResourceName name) {
        long high = 0;
        for (ContainerSpec container : pod.containers()) {
            high = Math.max(high, units(name, container.resources().requests().get(name)));
        }
        if (!fits(lowered(pod, name, 0), name)) {
            return Optional.empty();
        }
        long low = 0;
        while (low < high) {
            long level = high - (high - low) / 2;
            if (fits(lowered(pod, name, level), name)) {
                low = level;
            } else {
                high = level - 1;
            }
        }
        return Optional.of(lowered(pod, name, low));
    }

    /** Tells if the containers' amounts are within the pod's, as the API server and exclusive CPUs require. */
    private boolean fits(PodSpec pod, ResourceName name) {
        ResourceRequirements total = pod.resources();
        Quantity request = EffectiveResources.aggregateRequests(pod).get(name);
        if (isAbove(request, total.requests().find(name))
                || isAbove(request, total.limits().find(name))) {
            return false;
        }
        for (ContainerSpec container : pod.containers()) {
            Quantity own = container.resources().limits().get(name);
            if (container.kind() == ContainerKind.APP
                    && isAbove(own, total.limits().find(name))) {
                return false;
            }
        }
        return !name.equals(ResourceName.CPU) || leavesOne(pod);
    }

    private static boolean isAbove(Quantity amount, @Nullable Quantity total) {
        return total != null && amount.compareTo(total) > 0;
    }

    /** Tells if exclusive CPUs leave one of the pod's CPUs to its containers that share; a pod's CPUs come whole. */
    private boolean leavesOne(PodSpec pod) {
        Quantity total = pod.resources().limits().get(ResourceName.CPU);
        Quantity sliced = Quantity.ZERO;
        boolean shares = false;
        for (ContainerSpec container : pod.containers()) {
            if (container.kind().isLongRunning()) {
                boolean isExclusive = exclusive.contains(container.name());
                shares |= !isExclusive;
                sliced = isExclusive
                        ? sliced.plus(container.resources().requests().get(ResourceName.CPU))
                        : sliced;
            }
        }
        boolean needsOne = shares && sliced.signum() > 0 && total.isWhole() && total.signum() > 0;
        return !needsOne || sliced.plus(Quantity.ofMillis(MILLIS_OF_A_CPU)).compareTo(total) <= 0;
    }

    private PodSpec lowered(PodSpec pod, ResourceName name, long level) {
        Quantity most = pod.resources().limits().find(name);
        return new PodSpec(
                pod.resources(),
                pod.containers().stream()
                        .map(container -> container.kind().isLongRunning() && !kept.contains(container.name())
                                ? container.withResources(lowered(container, name, level, most))
                                : container)
                        .toList());
    }

    /** @param most the pod's limit; null if it has none */
    private ResourceRequirements lowered(
            ContainerSpec container, ResourceName name, long level, @Nullable Quantity most) {
        ResourceList requests = container.resources().requests();
        ResourceList limits = container.resources().limits();
        Quantity had = requests.get(name);
        Quantity limit = limits.find(name);
        boolean whole = name.equals(ResourceName.CPU) && exclusive.contains(container.name());
        Quantity least = units(name, had) > level ? amount(name, level, whole) : had;
        Quantity request = isAbove(had, least) ? least : had;
        if (limit != null && limit.equals(had)) {
            limits = limits.with(name, request);
        } else if (limit != null && most != null && container.kind() == ContainerKind.APP && isAbove(limit, most)) {
            limits = limits.with(name, most);
            long below = units(name, most) - (whole ? 0 : 1);
            request = units(name, request) > below ? quantity(name, Math.max(0, below)) : request;
        }
        return new ResourceRequirements(requests.has(name) ? requests.with(name, request) : requests, limits);
    }

    /** Returns an amount of the level or less, above zero: whole CPUs, or CPUs that are not whole. */
    private static Quantity amount(ResourceName name, long level, boolean whole) {
        if (whole) {
            return quantity(name, Math.max(MILLIS_OF_A_CPU, level - level % MILLIS_OF_A_CPU));
        }
        boolean isWhole = name.equals(ResourceName.CPU) && level % MILLIS_OF_A_CPU == 0;
        return quantity(name, Math.max(1, isWhole ? level - 1 : level));
    }

    /** Returns an amount in millicores or bytes. */
    private static long units(ResourceName name, Quantity amount) {
        return name.equals(ResourceName.CPU) ? amount.milliValue() : amount.value();
    }

    private static Quantity quantity(ResourceName name, long units) {
        return name.equals(ResourceName.CPU) ? Quantity.ofMillis(units) : Quantity.ofBytes(units);
    }
}
