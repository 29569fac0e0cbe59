package io.podslice.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import io.podslice.proto.cri.v1.CriProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every name, number, type and label of our CRI contract against the upstream protos, where the machine has them:
 * {@code -Dpodslice.cri.proto=FILE} names upstream's api.proto. The protoc is the one that the build has fetched.
 */
class CriContractTest {

    @Test
    void every_message_field_enum_and_method_is_upstreams(@TempDir Path dir) throws Exception {
        String upstreamProto = System.getProperty("podslice.cri.proto", "");
        assumeTrue(
                !upstreamProto.isEmpty(),
                "upstream's api.proto is not named (bin/test fetches it from Debian's packages and names it)");
        Path protoc = Files.copy(Path.of(System.getProperty("podslice.protoc")), dir.resolve("protoc"));
        assertThat(protoc.toFile().setExecutable(true)).isTrue();

        List<String> differences = new ArrayList<>();
        compare(CriProto.getDescriptor().toProto(), upstream(Path.of(upstreamProto), protoc, dir), differences);

        assertThat(differences).isEmpty();
    }

    private static FileDescriptorProto upstream(Path proto, Path protoc, Path dir)
            throws IOException, InterruptedException {
        Path set = dir.resolve("upstream.pb");
        Process process = new ProcessBuilder(
                        protoc.toString(),
                        "--proto_path=" + proto.toAbsolutePath().getParent(),
                        "--descriptor_set_out=" + set,
                        proto.toAbsolutePath().toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return FileDescriptorSet.parseFrom(Files.readAllBytes(set)).getFile(0);
    }

    private static void compare(FileDescriptorProto ours, FileDescriptorProto theirs, List<String> differences) {
        if (!ours.getPackage().equals(theirs.getPackage())) {
            differences.add("package " + ours.getPackage() + ", upstream " + theirs.getPackage());
        }
        Map<String, DescriptorProto> messages = new HashMap<>();
        theirs.getMessageTypeList().forEach(m -> messages.put(m.getName(), m));
        for (DescriptorProto message : ours.getMessageTypeList()) {
            DescriptorProto twin = messages.get(message.getName());
            if (twin == null) {
                differences.add("message " + message.getName() + " is not upstream's");
            } else {
                compareFields(message, twin, differences);
            }
        }
        Map<String, EnumDescriptorProto> enums = new HashMap<>();
        theirs.getEnumTypeList().forEach(e -> enums.put(e.getName(), e));
        for (EnumDescriptorProto ourEnum : ours.getEnumTypeList()) {
            EnumDescriptorProto twin = enums.get(ourEnum.getName());
            if (twin == null || !twin.getValueList().equals(ourEnum.getValueList())) {
                differences.add("enum " + ourEnum.getName() + " is not upstream's");
            }
        }
        Map<String, ServiceDescriptorProto> services = new HashMap<>();
        theirs.getServiceList().forEach(s -> services.put(s.getName(), s));
        for (ServiceDescriptorProto service : ours.getServiceList()) {
            Map<String, MethodDescriptorProto> methods = new HashMap<>();
            ServiceDescriptorProto twin =
                    services.getOrDefault(service.getName(), ServiceDescriptorProto.getDefaultInstance());
            twin.getMethodList().forEach(m -> methods.put(m.getName(), m));
            for (MethodDescriptorProto method : service.getMethodList()) {
                MethodDescriptorProto upstream = methods.get(method.getName());
                if (upstream == null
                        || !upstream.getInputType().equals(method.getInputType())
                        || !upstream.getOutputType().equals(method.getOutputType())
                        || upstream.getServerStreaming() != method.getServerStreaming()) {
                    differences.add("method " + service.getName() + "." + method.getName() + " is not upstream's");
                }
            }
        }
    }

    private static void compareFields(DescriptorProto ours, DescriptorProto theirs, List<String> differences) {
        Map<String, FieldDescriptorProto> fields = new HashMap<>();
        theirs.getFieldList().forEach(f -> fields.put(f.getName(), f));
        for (FieldDescriptorProto field : ours.getFieldList()) {
            FieldDescriptorProto twin = fields.get(field.getName());
            if (twin == null
                    || twin.getNumber() != field.getNumber()
                    || twin.getType() != field.getType()
                    || twin.getLabel() != field.getLabel()
                    || !twin.getTypeName().equals(field.getTypeName())) {
                differences.add("field " + ours.getName() + "." + field.getName() + " is not upstream's: " + twin);
            }
        }
        for (DescriptorProto nested : ours.getNestedTypeList()) {
            theirs.getNestedTypeList().stream()
                    .filter(n -> n.getName().equals(nested.getName()))
                    .findFirst()
                    .ifPresentOrElse(
                            twin -> compareFields(nested, twin, differences),
                            () -> differences.add("nested " + nested.getName() + " is not upstream's"));
        }
    }
}
