package io.podslice.managers.pod;

import java.util.Optional;

/** What a change of a container's resources takes ({@code resizePolicy} of its spec); a pod as a whole has none. */
public record ResizePolicy(RestartPolicy cpu, RestartPolicy memory) {

    /** What a resource's change does to the container. */
    public enum RestartPolicy {
        /** It goes on running. */
        NOT_REQUIRED("NotRequired"),
        /** It has to be started anew to have the new amount. */
        RESTART_CONTAINER("RestartContainer");

        private final String text;

        RestartPolicy(String text) {
            this.text = text;
        }

        /** As Kubernetes writes it, e.g. {@code NotRequired}. */
        public String text() {
            return text;
        }

        /** The policy that Kubernetes writes like that. */
        public static Optional<RestartPolicy> of(String text) {
            for (RestartPolicy policy : values()) {
                if (policy.text.equals(text)) {
                    return Optional.of(policy);
                }
            }
            return Optional.empty();
        }
    }

    /** The API server's default. */
    public static final ResizePolicy NOT_REQUIRED =
            new ResizePolicy(RestartPolicy.NOT_REQUIRED, RestartPolicy.NOT_REQUIRED);

    /**
     * With that policy for that resource.
     *
     * @param resource {@code cpu} or {@code memory}
     */
    public ResizePolicy with(ResourceName resource, RestartPolicy policy) {
        return resource.equals(ResourceName.CPU) ? new ResizePolicy(policy, memory) : new ResizePolicy(cpu, policy);
    }
}
