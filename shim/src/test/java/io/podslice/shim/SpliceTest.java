package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.LinuxContainerConfig;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages are written as hexadecimal: tag, length, content. Tag 0a is field 1, 12 field 2, 1a field 3, as bytes. */
class SpliceTest {
    private static final int[] RESOURCES = {2, 15, 1};

    private static String splice(String message, String replacement, int... path) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes(message));
        ByteBuffer out = Splice.replace(in, ByteString.copyFrom(bytes(replacement)), path);
        assertThat(in.remaining()).as("the message is not changed").isEqualTo(bytes(message).length);
        byte[] spliced = new byte[out.remaining()];
        out.get(spliced);
        return HexFormat.ofDelimiter(" ").formatHex(spliced);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @Test
    void replacesAndLeavesItsNeighboursWhereTheyAre() throws IOException {
        assertThat(splice("1a 01 63 0a 02 61 61 12 01 62", "78 79 7a", 1))
                .isEqualTo("1a 01 63 0a 03 78 79 7a 12 01 62");
    }

    @Test
    void replacesDeepDownAndMendsTheLengthsAbove() throws IOException {
        assertThat(splice("12 06 18 07 0a 02 61 61 08 01", "78", 2, 1)).isEqualTo("12 05 18 07 0a 01 78 08 01");
    }

    @Test
    void addsWhatDoesNotExistAtTheEnd() throws IOException {
        assertThat(splice("08 01", "78", 2, 1)).isEqualTo("08 01 12 03 0a 01 78");
        assertThat(splice("", "78", 1)).isEqualTo("0a 01 78");
    }

    @Test
    void addsNothingWhereNothingReplacesNothing() throws IOException {
        assertThat(splice("08 01", "", 2, 1)).isEqualTo("08 01");
    }

    /** Protobuf merges them: the second would add to the replacement, or overrule it. */
    @Test
    void emptiesFurtherOccurrences() throws IOException {
        assertThat(splice("0a 01 61 10 05 0a 01 62", "78", 1)).isEqualTo("0a 01 78 10 05 0a 00");
        assertThat(splice("12 03 0a 01 61 12 05 0a 01 62 18 07", "78", 2, 1))
                .isEqualTo("12 03 0a 01 78 12 04 0a 00 18 07");
    }

    /**
     * The first parent lacks the field and gets it; the second has it and loses it: merged, the replacement is left.
     */
    @Test
    void emptiesAnOccurrenceInALaterParent() throws IOException {
        assertThat(splice("12 00 12 03 0a 01 61", "78", 2, 1)).isEqualTo("12 03 0a 01 78 12 02 0a 00");
    }

    @Test
    void keepsWhatAParserWouldNotKeep() throws IOException {
        // Field 4 as a varint of five bytes that says 1, a group, a fixed64, field 1 with another wire type.
        String odd = "20 81 80 80 80 00 2b 08 01 2c 31 01 02 03 04 05 06 07 08 08 05";
        assertThat(splice(odd + " 0a 01 61", "78", 1)).isEqualTo(odd + " 0a 01 78");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff ff ff", "0a 05 61", "12 02 0a 05", "00 01", "07 01", "2b 08 01"})
    void refusesWhatIsNoProtobuf(String message) {
        assertThatThrownBy(() -> splice(message, "78", 2, 1)).isInstanceOf(IOException.class);
    }

    @RepeatedTest(1_000)
    void parsedItIsTheSameMessageWithOtherResources(RepetitionInfo repetition) throws IOException {
        Random random = new Random(repetition.getCurrentRepetition());
        CreateContainerRequest request = request(random);
        LinuxContainerResources resources = resources(random);
        ByteBuffer spliced =
                Splice.replace(request.toByteString().asReadOnlyByteBuffer(), resources.toByteString(), RESOURCES);
        CreateContainerRequest.Builder expected = request.toBuilder();
        if (request.getConfig().getLinux().hasResources() || resources.getSerializedSize() > 0) {
            expected.getConfigBuilder().getLinuxBuilder().setResources(resources);
        }
        assertThat(CreateContainerRequest.parseFrom(spliced)).isEqualTo(expected.build());
    }

    private static LinuxContainerResources resources(Random random) {
        int shares = random.nextInt(4);
        return LinuxContainerResources.newBuilder()
                .setCpuShares(shares)
                .setCpusetCpus("0".repeat(shares * 50))
                .build();
    }

    private static UnknownFieldSet unknown(Random random) {
        UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            int number = 40 + random.nextInt(3);
            fields.mergeField(number, Field.newBuilder().addVarint(number).build());
        }
        return fields.build();
    }

    /** With linux and its resources, without either, or without a config at all. */
    private static CreateContainerRequest request(Random random) {
        String id = "i".repeat(random.nextInt(10));
        CreateContainerRequest.Builder request =
                CreateContainerRequest.newBuilder().setPodSandboxId(id).setUnknownFields(unknown(random));
        int depth = random.nextInt(3);
        if (depth > 0) {
            ContainerConfig.Builder container =
                    ContainerConfig.newBuilder().addCommand(id).setUnknownFields(unknown(random));
            if (depth > 1) {
                LinuxContainerConfig.Builder linux =
                        LinuxContainerConfig.newBuilder().setUnknownFields(unknown(random));
                container.setLinux(random.nextBoolean() ? linux.setResources(resources(random)) : linux);
            }
            request.setConfig(container);
        }
        return request.build();
    }
}
