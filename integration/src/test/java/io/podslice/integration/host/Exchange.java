package io.podslice.integration.host;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One unary call and everything that the client can see of its answer.
 *
 * @param method full name of the method
 * @param headers the metadata before the reply
 * @param reply the reply; null where there was none
 * @param status the status with its message
 * @param trailers the metadata after the reply
 */
record Exchange<T>(String method, String headers, @Nullable T reply, String status, String trailers) {
    private static final long TIMEOUT_SECONDS = 60;

    static <Q, T> Exchange<T> call(Channel channel, MethodDescriptor<Q, T> method, Q request) {
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        Channel seen =
                ClientInterceptors.intercept(channel, MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
        @Nullable T reply = null;
        String status = "OK";
        try {
            reply = ClientCalls.blockingUnaryCall(
                    seen, method, CallOptions.DEFAULT.withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS), request);
        } catch (StatusRuntimeException e) {
            status = e.getStatus().getCode() + " " + e.getStatus().getDescription();
        }
        return new Exchange<>(
                method.getFullMethodName(),
                String.valueOf(headers.get()),
                reply,
                status,
                String.valueOf(trailers.get()));
    }

    /** Makes any call, known to the contract or not, with any bytes as its request. */
    static Exchange<byte[]> raw(Channel channel, String fullMethodName, byte[] request) {
        Marshaller<byte[]> bytes = new Marshaller<>() {
            @Override
            public InputStream stream(byte[] value) {
                return new ByteArrayInputStream(value);
            }

            @Override
            public byte[] parse(InputStream stream) {
                try {
                    return stream.readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        return call(
                channel,
                MethodDescriptor.<byte[], byte[]>newBuilder(bytes, bytes)
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(fullMethodName)
                        .build(),
                request);
    }

    /**
     * Returns the exchange as text, for comparison; protobuf's own form shows the fields that the contract does not
     * have too.
     */
    String text() {
        String body = switch (reply) {
            case null -> "nothing";
            case byte[] raw -> HexFormat.of().formatHex(raw);
            case Message message -> message.toString();
            default -> throw new IllegalStateException("a reply is a message or bytes: " + reply.getClass());
        };
        return method + "\nheaders " + headers + "\n" + body + "status " + status + "\ntrailers " + trailers + "\n";
    }
}
