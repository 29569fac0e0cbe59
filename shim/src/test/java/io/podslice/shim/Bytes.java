package io.podslice.shim;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Messages as the bytes that travelled. */
public final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    private static final Bytes MARSHALLER = new Bytes();

    private Bytes() {}

    static MethodDescriptor<byte[], byte[]> method(MethodType type, String fullName) {
        return MethodDescriptor.newBuilder(MARSHALLER, MARSHALLER)
                .setType(type)
                .setFullMethodName(fullName)
                .build();
    }

    @Override
    public InputStream stream(byte[] message) {
        return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
        try {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
