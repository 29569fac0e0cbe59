package io.podslice.proto;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.proto.ttrpc.TtrpcProto;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TtrpcContractTest {

    /** Upstream's Status is google.rpc's, from another file. */
    private static final Set<String> FROM_ANOTHER_FILE = Set.of("Status");

    @Test
    void every_message_and_field_is_upstreams(@TempDir Path scratch) throws Exception {
        assertThat(UpstreamContract.differences(
                        TtrpcProto.getDescriptor().toProto(),
                        "github.com/containerd/ttrpc",
                        "request.proto",
                        FROM_ANOTHER_FILE,
                        scratch))
                .isEmpty();
    }
}
