package io.podslice.cluster.pod;

import io.podslice.cluster.wire.Fields;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.DnsLabel;
import io.podslice.managers.pod.Printable;
import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResizePolicy.RestartPolicy;
import io.podslice.managers.pod.ResourceName;

/** Reads one container. */
final class ContainerReader {
    private static final int NAME = 1 << Fields.TYPE | Fields.BYTES;
    private static final int RESOURCES = 8 << Fields.TYPE | Fields.BYTES;
    private static final int RESIZE_POLICY = 23 << Fields.TYPE | Fields.BYTES;
    private static final int RESTART_POLICY = 24 << Fields.TYPE | Fields.BYTES;

    private static final int POLICY_RESOURCE = 1 << Fields.TYPE | Fields.BYTES;
    private static final int POLICY_RESTART = 2 << Fields.TYPE | Fields.BYTES;

    private static final String ALWAYS = "Always";

    private String name = "";
    private String restartPolicy = "";
    private ResizePolicy resizePolicy = ResizePolicy.NOT_REQUIRED;
    private final AmountsReader amounts;

    private ContainerReader(AmountsReader.Count count) {
        amounts = new AmountsReader(count, false);
    }

    /**
     * Reads a container.
     *
     * @param container a message {@code Container}, or one with its numbers
     * @param kind its kind by the list that it is in; an init container that restarts always is a sidecar
     * @param count counts the amounts of the pod
     */
    static ContainerSpec read(Fields container, ContainerKind kind, AmountsReader.Count count)
            throws UnreadableException {
        ContainerReader reader = new ContainerReader(count);
        reader.read(container);
        return reader.result(kind);
    }

    private void read(Fields container) throws UnreadableException {
        while (container.next()) {
            switch (container.tag()) {
                case NAME -> name = container.text("name", DnsLabel.LONGEST);
                case RESOURCES -> amounts.read(container.message());
                case RESIZE_POLICY -> policy(container.message());
                case RESTART_POLICY -> restartPolicy = container.text("restartPolicy", DnsLabel.LONGEST);
                default -> {
                    // Environment, mounts and probes: not podslice's, and the bulk of a pod.
                }
            }
        }
    }

    /** Reads a resize policy; one of another resource, or with another word than podslice knows, is left out. */
    private void policy(Fields policy) throws UnreadableException {
        String resource = "";
        String restart = "";
        while (policy.next()) {
            switch (policy.tag()) {
                case POLICY_RESOURCE -> resource = policy.text("resizePolicy.resourceName", DnsLabel.LONGEST);
                case POLICY_RESTART -> restart = policy.text("resizePolicy.restartPolicy", DnsLabel.LONGEST);
                default -> {
                    // Of no meaning here.
                }
            }
        }
        RestartPolicy known = RestartPolicy.of(restart).orElse(RestartPolicy.NOT_REQUIRED);
        switch (resource) {
            case "cpu" -> resizePolicy = resizePolicy.with(ResourceName.CPU, known);
            case "memory" -> resizePolicy = resizePolicy.with(ResourceName.MEMORY, known);
            default -> {
                // CPU and memory alone are resized in place.
            }
        }
    }

    private ContainerSpec result(ContainerKind kind) throws UnreadableException {
        try {
            DnsLabel.check(name);
        } catch (IllegalArgumentException e) {
            throw new UnreadableException(
                    "name", "Invalid value: \"" + Printable.of(name, DnsLabel.LONGEST) + "\": " + e.getMessage());
        }
        boolean isSidecar = kind == ContainerKind.INIT && restartPolicy.equals(ALWAYS);
        return new ContainerSpec(name, isSidecar ? ContainerKind.SIDECAR : kind, amounts.result(), resizePolicy);
    }
}
