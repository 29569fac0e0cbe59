package io.podslice.cluster.kubelet;

import io.podslice.cluster.source.SourceAbsentException;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.grpc.GrpcCall;
import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.Keepalive;
import io.podslice.grpc.MessageConsumer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One call whose response is a stream. {@link #cancel} may be called by any thread, the rest by one. A kubelet that hangs
 * is found out by a PING after six minutes of silence: its server ends connections on which more of them come
 * (grpc-go's default policy).
 */
public final class KubeletStream {
    private final KubeletSocket socket;
    private final GrpcCall call;
    private final String service;
    private final String method;
    private final ByteBuffer request;

    KubeletStream(KubeletSocket socket, GrpcCall call, String service, String method, ByteBuffer request) {
        this.socket = socket;
        this.call = call;
        this.service = service;
        this.method = method;
        this.request = request;
    }

    /**
     * Makes the call, and hands each message on until the kubelet ends the stream.
     *
     * @param consumer takes the messages on this thread
     * @throws CallFailedException if the kubelet ends the stream with an error
     * @throws SourceAbsentException if there is no socket
     * @throws UnreadableException if the consumer throws it
     * @throws IOException if the kubelet cannot be reached or hangs, the connection breaks, or the call is cancelled
     */
    public void run(MessageConsumer consumer) throws IOException {
        GrpcStatus end;
        socket.checkPresent();
        try {
            end = call.stream(KubeletSocket.path(service, method), List.of(), request, Keepalive.DEFAULT, consumer);
        } catch (UnreadableException e) {
            throw e;
        } catch (IOException e) {
            throw socket.explained(e);
        }
        if (!end.isOk()) {
            throw new CallFailedException(method, end);
        }
    }

    /** Ends the call; it then fails with an exception. */
    public void cancel() {
        call.cancel();
    }
}
