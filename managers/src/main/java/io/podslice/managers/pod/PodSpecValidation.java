package io.podslice.managers.pod;

import io.podslice.managers.pod.ResizePolicy.RestartPolicy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The API server's checks of a pod spec's resources, in its own words; the spec has its defaults already. */
public final class PodSpecValidation {
    private final PodSpecFields fields;

    private PodSpecValidation(PodSpecFields fields) {
        this.fields = fields;
    }

    /**
     * Checks a pod with its defaults.
     *
     * @param fields the names of the pod's parts in messages
     * @throws InvalidPodSpecException for the first error
     */
    public static void check(PodSpec pod, PodSpecFields fields) {
        PodSpecValidation validation = new PodSpecValidation(fields);
        validation.checkContainers(pod);
        if (pod.hasPodLevelResources()) {
            validation.checkPodLevel(pod);
        }
    }

    private void checkContainers(PodSpec pod) {
        Set<String> names = new HashSet<>();
        boolean hasApp = false;
        for (int i = 0; i < pod.containers().size(); i++) {
            ContainerSpec container = pod.containers().get(i);
            String path = fields.container(i);
            if (!names.add(container.name())) {
                throw invalid(path + ".name", container.name(), "is the name of another container already");
            }
            hasApp |= container.kind() == ContainerKind.APP;
            if (container.kind() == ContainerKind.EPHEMERAL
                    && !container.resources().isEmpty()) {
                throw invalid(
                        path + ".resources",
                        container.resources().limits().toString(),
                        "cannot be set for an ephemeral container");
            }
            checkResizePolicy(container, path);
            checkResources(container.resources(), path + ".resources");
        }
        if (!hasApp) {
            throw new InvalidPodSpecException(fields.containers(), null, "at least one container of kind \"app\"");
        }
    }

    /** The API server takes no restart for a resize of a container that ends by itself (k/k 137458, 1.36). */
    private static void checkResizePolicy(ContainerSpec container, String path) {
        ResizePolicy policy = container.resizePolicy();
        boolean restarts =
                policy.cpu() == RestartPolicy.RESTART_CONTAINER || policy.memory() == RestartPolicy.RESTART_CONTAINER;
        if (container.kind() == ContainerKind.INIT && restarts) {
            throw invalid(
                    path + ".resizePolicy",
                    RestartPolicy.RESTART_CONTAINER.text(),
                    "must not be set for init containers without restartPolicy=Always");
        }
    }

    private void checkResources(ResourceRequirements resources, String path) {
        // Limits are checked first: a request that came from a limit by default is reported under the limit.
        checkAmounts(resources.limits(), path + ".limits");
        checkAmounts(resources.requests(), path + ".requests");
        for (ResourceName name : resources.requests().names()) {
            Quantity request = resources.requests().get(name);
            Quantity limit = resources.limits().find(name);
            String field = path + ".requests[" + name + "]";
            if (name.isHugepages() && (limit == null || !request.equals(limit))) {
                throw invalid(
                        field,
                        request.toString(),
                        "must be equal to " + name + " limit of " + (limit == null ? Quantity.ZERO : limit));
            }
            if (limit != null && request.compareTo(limit) > 0) {
                throw invalid(
                        field, request.toString(), "must be less than or equal to " + name + " limit of " + limit);
            }
        }
        checkHugepagesAreNotAlone(resources, path);
    }

    private void checkAmounts(ResourceList amounts, String path) {
        for (ResourceName name : amounts.names()) {
            String field = path + "[" + name + "]";
            Quantity amount = amounts.get(name);
            if (amount.signum() < 0) {
                throw invalid(field, amount.toString(), "must be greater than or equal to 0");
            }
            if (name.isHugepages()) {
                checkHugepages(name, amount, field);
            }
        }
    }

    private static void checkHugepages(ResourceName name, Quantity amount, String field) {
        if (name.pageSize().isEmpty()) {
            throw invalid(field, name.value(), "must name a page size, such as hugepages-2Mi");
        }
        if (!amount.isWhole() || amount.value() % name.pageSize().getAsLong() != 0) {
            throw invalid(field, amount.toString(), amount + " is not positive integer multiple of " + name);
        }
    }

    private static void checkHugepagesAreNotAlone(ResourceRequirements resources, String path) {
        boolean hasHugepages = false;
        boolean hasCompute = false;
        for (ResourceList amounts : List.of(resources.requests(), resources.limits())) {
            for (ResourceName name : amounts.names()) {
                hasHugepages |= name.isHugepages();
                hasCompute |= name.equals(ResourceName.CPU) || name.equals(ResourceName.MEMORY);
            }
        }
        if (hasHugepages && !hasCompute) {
            throw InvalidPodSpecException.forbidden(path, "HugePages require cpu or memory");
        }
    }

    private void checkPodLevel(PodSpec pod) {
        checkSupported(pod.resources().limits(), fields.resources() + ".limits");
        checkSupported(pod.resources().requests(), fields.resources() + ".requests");
        checkResources(pod.resources(), fields.resources());
        checkCovers(
                pod.resources().requests(),
                EffectiveResources.aggregateRequests(pod),
                false,
                fields.resources() + ".requests",
                "requests");
        checkCovers(
                pod.resources().limits(),
                EffectiveResources.aggregateLimits(pod),
                true,
                fields.resources() + ".limits",
                "limits");
        checkContainerLimits(pod);
    }

    private void checkSupported(ResourceList amounts, String path) {
        for (ResourceName name : amounts.names()) {
            if (!name.isPodLevel()) {
                throw invalid(
                        path + "[" + name + "]",
                        name.value(),
                        "is not supported at pod level: supported values: \"cpu\", \"hugepages-\", \"memory\"");
            }
        }
    }

    private void checkCovers(
            ResourceList podLevel, ResourceList aggregate, boolean hugepagesOnly, String path, String what) {
        for (ResourceName name : podLevel.names()) {
            Quantity needed = aggregate.get(name);
            if ((name.isHugepages() || !hugepagesOnly) && podLevel.get(name).compareTo(needed) < 0) {
                throw invalid(
                        path + "[" + name + "]",
                        podLevel.get(name).toString(),
                        "must be greater than or equal to aggregate container " + what + " of " + needed);
            }
        }
    }

    private void checkContainerLimits(PodSpec pod) {
        for (int i = 0; i < pod.containers().size(); i++) {
            ContainerSpec container = pod.containers().get(i);
            if (container.kind() != ContainerKind.APP) {
                continue;
            }
            ResourceList limits = container.resources().limits();
            for (ResourceName name : limits.names()) {
                Quantity podLimit = pod.resources().limits().find(name);
                if (podLimit != null && limits.get(name).compareTo(podLimit) > 0) {
                    throw invalid(
                            fields.container(i) + ".resources.limits[" + name + "]",
                            limits.get(name).toString(),
                            "must be less than or equal to pod limits of " + podLimit);
                }
            }
        }
    }

    private static InvalidPodSpecException invalid(String field, String value, String detail) {
        return new InvalidPodSpecException(field, value, detail);
    }
}
