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
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
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

    /** The first parent lacks the field and gets it; the second has it and loses it: merged, the replacement is left. */
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

    @Property
    void parsedItIsTheSameMessageWithOtherResources(
            @ForAll("requests") CreateContainerRequest request, @ForAll("resources") LinuxContainerResources resources)
            throws IOException {
        ByteBuffer spliced =
                Splice.replace(request.toByteString().asReadOnlyByteBuffer(), resources.toByteString(), RESOURCES);
        CreateContainerRequest.Builder expected = request.toBuilder();
        if (request.getConfig().getLinux().hasResources() || resources.getSerializedSize() > 0) {
            expected.getConfigBuilder().getLinuxBuilder().setResources(resources);
        }
        assertThat(CreateContainerRequest.parseFrom(spliced)).isEqualTo(expected.build());
    }

    @Provide
    Arbitrary<LinuxContainerResources> resources() {
        return Arbitraries.longs()
                .between(0, 3)
                .map(shares -> LinuxContainerResources.newBuilder()
                        .setCpuShares(shares)
                        .setCpusetCpus("0".repeat((int) (shares * 50)))
                        .build());
    }

    @Provide
    Arbitrary<CreateContainerRequest> requests() {
        Arbitrary<UnknownFieldSet> unknown = Arbitraries.integers()
                .between(40, 42)
                .list()
                .ofMaxSize(3)
                .map(numbers -> {
                    UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();
                    for (int number : numbers) {
                        fields.mergeField(
                                number, Field.newBuilder().addVarint(number).build());
                    }
                    return fields.build();
                });
        Arbitrary<LinuxContainerConfig> linux = Combinators.combine(Arbitraries.of(true, false), resources(), unknown)
                .as((has, resources, fields) -> {
                    LinuxContainerConfig.Builder config =
                            LinuxContainerConfig.newBuilder().setUnknownFields(fields);
                    return (has ? config.setResources(resources) : config).build();
                });
        return Combinators.combine(
                        Arbitraries.of(0, 1, 2),
                        linux,
                        unknown,
                        Arbitraries.strings().ofMaxLength(9))
                .as((depth, config, fields, id) -> {
                    CreateContainerRequest.Builder request = CreateContainerRequest.newBuilder()
                            .setPodSandboxId(id)
                            .setUnknownFields(fields);
                    if (depth > 0) {
                        ContainerConfig.Builder container =
                                ContainerConfig.newBuilder().addCommand(id).setUnknownFields(fields);
                        request.setConfig(depth > 1 ? container.setLinux(config) : container);
                    }
                    return request.build();
                });
    }
}
