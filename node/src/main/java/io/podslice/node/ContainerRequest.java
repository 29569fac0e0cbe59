package io.podslice.node;

import io.podslice.managers.pod.LinuxResources;
import java.util.Map;

/**
 * A container that the runtime is about to create or has just created, as far as a door knows it.
 *
 * @param sandboxId the sandbox it goes into
 * @param sandbox the pod as this call describes it; its resources may be newer than those of RunPodSandbox
 * @param name container name in the pod spec
 * @param attempt 0 for its first start
 * @param labels container labels
 * @param annotations container annotations
 * @param resources {@code linux.resources} as sent
 */
public record ContainerRequest(
        String sandboxId,
        PodSandboxRequest sandbox,
        String name,
        long attempt,
        Map<String, String> labels,
        Map<String, String> annotations,
        LinuxResources resources) {

    public ContainerRequest {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** Returns {@code namespace/pod/container}, for messages. */
    String describe() {
        return sandbox.namespace() + "/" + sandbox.name() + "/" + name;
    }
}
