package io.podslice.integration.vm;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The files that {@code crictl runp} and {@code crictl create} read: a CRI message as JSON, fields named as in the
 * protocol file or in camel case. Fields that podslice's contract does not have (mounts, devices, …) are left out.
 */
public final class CrictlFiles {
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

    private CrictlFiles() {}

    /**
     * Reads a pod's file.
     *
     * @throws IllegalArgumentException naming the file and what is wrong in it
     */
    public static PodSandboxConfig pod(Path file) {
        return read(file, PodSandboxConfig.newBuilder()).build();
    }

    /**
     * Reads a container's file.
     *
     * @throws IllegalArgumentException naming the file and what is wrong in it
     */
    public static ContainerConfig container(Path file) {
        return read(file, ContainerConfig.newBuilder()).build();
    }

    private static <B extends Message.Builder> B read(Path file, B builder) {
        try {
            PARSER.merge(Files.readString(file), builder);
            return builder;
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
