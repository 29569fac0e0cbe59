package io.podslice.proto;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.proto.cri.v1.CriProto;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CriContractTest {

    @Test
    void every_message_field_enum_and_method_is_upstreams(@TempDir Path scratch) throws Exception {
        assertThat(UpstreamContract.differences(
                        CriProto.getDescriptor().toProto(),
                        "k8s.io/cri-api",
                        "pkg/apis/runtime/v1/api.proto",
                        Set.of(),
                        scratch))
                .isEmpty();
    }
}
