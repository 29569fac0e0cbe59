package io.podslice.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.LinuxContainerConfig;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import org.junit.jupiter.api.Test;

/** Fields of a request that podslice does not know reach the runtime untouched when podslice rewrites the request. */
class UnknownFieldsTest {

    private static final UnknownFieldSet STRANGE = UnknownFieldSet.newBuilder()
            .addField(
                    17,
                    UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFromUtf8("CDI device"))
                            .addLengthDelimited(ByteString.copyFromUtf8("another"))
                            .build())
            .addField(1000, UnknownFieldSet.Field.newBuilder().addVarint(-1L).build())
            .addField(1001, UnknownFieldSet.Field.newBuilder().addFixed32(7).build())
            .addField(1002, UnknownFieldSet.Field.newBuilder().addFixed64(9L).build())
            .build();

    @Test
    void survive_a_rewrite_at_every_level_byte_for_byte() throws Exception {
        CreateContainerRequest sent = CreateContainerRequest.newBuilder()
                .setPodSandboxId("sandbox")
                .setConfig(ContainerConfig.newBuilder()
                        .setLinux(LinuxContainerConfig.newBuilder()
                                .setResources(LinuxContainerResources.newBuilder()
                                        .setCpuShares(1024)
                                        .setUnknownFields(STRANGE))
                                .setUnknownFields(STRANGE))
                        .setUnknownFields(STRANGE))
                .setUnknownFields(STRANGE)
                .build();

        CreateContainerRequest.Builder rewrite = CreateContainerRequest.parseFrom(sent.toByteArray()).toBuilder();
        rewrite.getConfigBuilder().getLinuxBuilder().getResourcesBuilder().setCpusetCpus("2-3");
        CreateContainerRequest received =
                CreateContainerRequest.parseFrom(rewrite.build().toByteArray());

        ByteString strange = STRANGE.toByteString();
        assertThat(received.getUnknownFields().toByteString()).isEqualTo(strange);
        assertThat(received.getConfig().getUnknownFields().toByteString()).isEqualTo(strange);
        assertThat(received.getConfig().getLinux().getUnknownFields().toByteString())
                .isEqualTo(strange);
        LinuxContainerResources resources = received.getConfig().getLinux().getResources();
        assertThat(resources.getUnknownFields().toByteString()).isEqualTo(strange);
        assertThat(resources.getCpusetCpus()).isEqualTo("2-3");
        assertThat(resources.getCpuShares()).isEqualTo(1024);
    }

    @Test
    void a_message_that_is_only_unknown_fields_comes_back_as_it_was() throws Exception {
        byte[] sent = STRANGE.toByteArray();
        assertThat(LinuxContainerResources.parseFrom(sent).toByteArray()).isEqualTo(sent);
    }
}
