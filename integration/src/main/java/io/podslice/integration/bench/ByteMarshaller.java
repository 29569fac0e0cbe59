package io.podslice.integration.bench;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * Messages as bytes, so that neither end of a measured call spends time on protobuf. What arrives is read once, as a
 * real peer would, and thrown away: only its length is kept.
 */
final class ByteMarshaller {

    private static final int CHUNK = 64 * 1024;

    private ByteMarshaller() {}

    /** Returns a unary method that sends bytes and yields the length of the answer. */
    static MethodDescriptor<byte[], Integer> client(String method) {
        return MethodDescriptor.<byte[], Integer>newBuilder()
                .setType(MethodType.UNARY)
                .setFullMethodName(method)
                .setRequestMarshaller(new Sender())
                .setResponseMarshaller(new Receiver())
                .build();
    }

    /** Returns the unary method as the server sees it. */
    static MethodDescriptor<Integer, byte[]> server(String method) {
        return MethodDescriptor.<Integer, byte[]>newBuilder()
                .setType(MethodType.UNARY)
                .setFullMethodName(method)
                .setRequestMarshaller(new Receiver())
                .setResponseMarshaller(new Sender())
                .build();
    }

    /** Returns a method that yields the lengths of a stream of answers. */
    static MethodDescriptor<byte[], Integer> watching(String method) {
        return client(method).toBuilder().setType(MethodType.SERVER_STREAMING).build();
    }

    /** Returns a method with a stream of answers as the server sees it. */
    static MethodDescriptor<Integer, byte[]> streaming(String method) {
        return server(method).toBuilder().setType(MethodType.SERVER_STREAMING).build();
    }

    private static final class Sender implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new Message(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            throw new IllegalStateException("only sends");
        }
    }

    private static final class Receiver implements MethodDescriptor.Marshaller<Integer> {

        private final ThreadLocal<byte[]> chunks = ThreadLocal.withInitial(() -> new byte[CHUNK]);

        @Override
        public InputStream stream(Integer value) {
            throw new IllegalStateException("only receives");
        }

        @Override
        public Integer parse(InputStream stream) {
            byte[] chunk = chunks.get();
            int length = 0;
            try {
                for (int read = stream.read(chunk); read > 0; read = stream.read(chunk)) {
                    length += read;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return length;
        }
    }

    /** Lets gRPC take the bytes in one copy instead of through a buffer of its own. */
    private static final class Message extends ByteArrayInputStream implements KnownLength, Drainable {

        Message(byte[] value) {
            super(value);
        }

        @Override
        public synchronized int drainTo(OutputStream target) throws IOException {
            int length = count - pos;
            target.write(buf, pos, length);
            pos = count;
            return length;
        }
    }
}
