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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Every name, number, type and label of a contract of ours against the upstream protos, where the machine has them:
 * {@code -Dpodslice.protos=FOLDER} names the folder of Go's import paths that upstream's files are in. The protoc is the
 * one that the build has fetched.
 */
final class UpstreamContract {
    private final Set<String> newer;
    private final List<String> differences = new ArrayList<>();

    /** @param newer messages, fields, methods and enum values that upstream's file may be too old to have */
    private UpstreamContract(Set<String> newer) {
        this.newer = newer;
    }

    /**
     * Lists the differences between podslice's contracts and upstream's.
     *
     * @param folder import path of upstream's Go module, from which its file imports others
     * @param file upstream's file in it
     * @param newer names that upstream's file may be too old to have, such as {@code ConfigureRequest.NRI_version}
     */
    static List<String> differences(
            FileDescriptorProto ours, String folder, String file, Set<String> newer, Path scratch)
            throws IOException, InterruptedException {
        String protos = System.getProperty("podslice.protos", "");
        assumeTrue(
                !protos.isEmpty(),
                "upstream's protos are not named (bin/test fetches them from Debian's packages and names them)");
        FileDescriptorProto theirs = upstream(Path.of(protos, folder), file, scratch);
        UpstreamContract contract = new UpstreamContract(newer);
        contract.compare(ours, theirs);
        return contract.differences;
    }

    private static FileDescriptorProto upstream(Path folder, String file, Path scratch)
            throws IOException, InterruptedException {
        Path protoc = Files.copy(Path.of(System.getProperty("podslice.protoc")), scratch.resolve("protoc"));
        assertThat(protoc.toFile().setExecutable(true)).isTrue();
        Path set = scratch.resolve("upstream.pb");
        Process process = new ProcessBuilder(
                        protoc.toString(), "--proto_path=" + folder, "--descriptor_set_out=" + set, file)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return FileDescriptorSet.parseFrom(Files.readAllBytes(set)).getFile(0);
    }

    private void compare(FileDescriptorProto ours, FileDescriptorProto theirs) {
        if (!ours.getPackage().equals(theirs.getPackage())) {
            differences.add("package " + ours.getPackage() + ", upstream " + theirs.getPackage());
        }
        Map<String, DescriptorProto> messages = byName(theirs.getMessageTypeList(), DescriptorProto::getName);
        for (DescriptorProto message : ours.getMessageTypeList()) {
            DescriptorProto twin = messages.get(message.getName());
            if (twin == null) {
                missing(message.getName());
            } else {
                compareFields(message, twin);
            }
        }
        Map<String, EnumDescriptorProto> enums = byName(theirs.getEnumTypeList(), EnumDescriptorProto::getName);
        for (EnumDescriptorProto ourEnum : ours.getEnumTypeList()) {
            EnumDescriptorProto twin = enums.getOrDefault(ourEnum.getName(), EnumDescriptorProto.getDefaultInstance());
            ourEnum.getValueList().stream()
                    .filter(value -> !twin.getValueList().contains(value))
                    .forEach(value -> missing(ourEnum.getName() + "." + value.getName()));
        }
        Map<String, ServiceDescriptorProto> services = byName(theirs.getServiceList(), ServiceDescriptorProto::getName);
        for (ServiceDescriptorProto service : ours.getServiceList()) {
            ServiceDescriptorProto twin =
                    services.getOrDefault(service.getName(), ServiceDescriptorProto.getDefaultInstance());
            compareMethods(service, byName(twin.getMethodList(), MethodDescriptorProto::getName));
        }
    }

    private void compareMethods(ServiceDescriptorProto service, Map<String, MethodDescriptorProto> methods) {
        for (MethodDescriptorProto method : service.getMethodList()) {
            String name = service.getName() + "." + method.getName();
            MethodDescriptorProto upstream = methods.get(method.getName());
            if (upstream == null) {
                missing(name);
            } else if (!upstream.getInputType().equals(method.getInputType())
                    || !upstream.getOutputType().equals(method.getOutputType())
                    || upstream.getServerStreaming() != method.getServerStreaming()) {
                differences.add(name + " is not upstream's: " + upstream);
            }
        }
    }

    private void compareFields(DescriptorProto ours, DescriptorProto theirs) {
        Map<String, FieldDescriptorProto> fields = byName(theirs.getFieldList(), FieldDescriptorProto::getName);
        for (FieldDescriptorProto field : ours.getFieldList()) {
            FieldDescriptorProto twin = fields.get(field.getName());
            if (twin == null) {
                missing(ours.getName() + "." + field.getName());
            } else if (twin.getNumber() != field.getNumber()
                    || twin.getType() != field.getType()
                    || twin.getLabel() != field.getLabel()
                    || !lastPart(twin.getTypeName()).equals(lastPart(field.getTypeName()))) {
                differences.add(ours.getName() + "." + field.getName() + " is not upstream's: " + twin);
            }
        }
        Map<String, DescriptorProto> nested = byName(theirs.getNestedTypeList(), DescriptorProto::getName);
        for (DescriptorProto inner : ours.getNestedTypeList()) {
            DescriptorProto twin = nested.get(inner.getName());
            if (twin == null) {
                missing(ours.getName() + "." + inner.getName());
            } else {
                compareFields(inner, twin);
            }
        }
    }

    private void missing(String what) {
        if (!newer.contains(what)) {
            differences.add(what + " is not upstream's");
        }
    }

    private static String lastPart(String typeName) {
        return typeName.substring(typeName.lastIndexOf('.') + 1);
    }

    private static <T> Map<String, T> byName(List<T> all, Function<T, String> name) {
        Map<String, T> result = new HashMap<>();
        all.forEach(one -> result.put(name.apply(one), one));
        return result;
    }
}
