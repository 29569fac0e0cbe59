package io.podslice.cluster.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.podslice.proto.podresources.v1.GetPodResourcesRequest;
import io.podslice.proto.podsapi.v1alpha1.GetPodRequest;
import org.junit.jupiter.api.Test;

class TextFieldsTest {

    @Test
    void requests_are_those_that_protobuf_makes() {
        String uid = "ü".repeat(100);
        assertThat(ByteString.copyFrom(TextFields.encoded(uid)))
                .isEqualTo(GetPodRequest.newBuilder().setPodUID(uid).build().toByteString());
        assertThat(ByteString.copyFrom(TextFields.encoded("", "default")))
                .isEqualTo(GetPodResourcesRequest.newBuilder()
                        .setPodNamespace("default")
                        .build()
                        .toByteString());
        assertThat(ByteString.copyFrom(TextFields.encoded("web-0", "default")))
                .isEqualTo(GetPodResourcesRequest.newBuilder()
                        .setPodName("web-0")
                        .setPodNamespace("default")
                        .build()
                        .toByteString());
    }
}
