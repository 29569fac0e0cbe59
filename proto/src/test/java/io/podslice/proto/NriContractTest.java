package io.podslice.proto;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.proto.nri.v1alpha1.NriProto;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NriContractTest {

    /**
     * The names that Debian's NRI 0.8 does not have: the pod sandbox's update and the validation came with 0.10, the
     * rest with 0.12.
     */
    private static Set<String> since0_10() {
        Set<String> newer = new HashSet<>(Set.of(
                "Event.UPDATE_POD_SANDBOX",
                "Event.POST_UPDATE_POD_SANDBOX",
                "Event.VALIDATE_CONTAINER_ADJUSTMENT",
                "RegisterPluginRequest.NRI_version",
                "ConfigureRequest.NRI_version"));
        Stream.of(
                        "RunPodSandbox",
                        "UpdatePodSandbox",
                        "PostUpdatePodSandbox",
                        "StopPodSandbox",
                        "RemovePodSandbox",
                        "PostCreateContainer",
                        "StartContainer",
                        "PostStartContainer",
                        "PostUpdateContainer",
                        "RemoveContainer",
                        "ValidateContainerAdjustment")
                .forEach(method -> newer.addAll(Set.of("Plugin." + method, method + "Request", method + "Response")));
        return newer;
    }

    @Test
    void every_message_field_enum_and_method_is_upstreams(@TempDir Path scratch) throws Exception {
        assertThat(UpstreamContract.differences(
                        NriProto.getDescriptor().toProto(),
                        "github.com/containerd/nri",
                        "pkg/api/api.proto",
                        since0_10(),
                        scratch))
                .isEmpty();
    }
}
