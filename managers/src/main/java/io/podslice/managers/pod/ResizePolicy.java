package io.podslice.managers.pod;

import java.util.Optional;

/** The container's {@code resizePolicy}: for each resource, if a change needs a restart; a pod as a whole has none. */
public record ResizePolicy(RestartPolicy cpu, RestartPolicy memory) {

    /** The effect of a resource's change on the container. */
    public enum RestartPolicy {
        /** The container goes on running. */
        NOT_REQUIRED("NotRequired"),
        /** The container must restart to get the new amount. */
        RESTART_CONTAINER("RestartContainer");

        private final String text;

        RestartPolicy(String text) {
            this.text = text;
        }

        /** The spelling of Kubernetes, e.g. {@code NotRequired}. */
        public String text() {
            return text;
        }

        /** Returns the policy of that spelling. */
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
     * Returns this policy with another one for that resource.
     *
     * @param resource {@code cpu} or {@code memory}
     */
    public ResizePolicy with(ResourceName resource, RestartPolicy policy) {
        return resource.equals(ResourceName.CPU) ? new ResizePolicy(policy, memory) : new ResizePolicy(cpu, policy);
    }
}
