package io.podslice.nri.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.nri.mux.MuxConnection;
import io.podslice.proto.ttrpc.KeyValue;
import io.podslice.proto.ttrpc.Request;
import io.podslice.proto.ttrpc.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes unary calls on one connection. Any thread may call, and waits for its own answer alone. */
public final class TtrpcClient {
    private static final Logger log = LoggerFactory.getLogger(TtrpcClient.class);

    private final MessageStream messages;
    private final Map<Integer, CompletableFuture<Message>> waiting = new ConcurrentHashMap<>();
    private final ReentrantLock sending = new ReentrantLock();
    private int next = 1;
    private volatile boolean ended;

    /**
     * Makes a client of the connection; a thread must also run {@link #receive}.
     *
     * @param patience the longest silence of the server in the middle of a message
     */
    public TtrpcClient(MuxConnection connection, Duration patience) {
        this.messages = new MessageStream(connection, patience);
    }

    /** Hands answers to the waiting callers, on the calling thread, until the trunk ends. */
    public void receive() {
        try {
            for (Message message = messages.read(); message != null; message = messages.read()) {
                CompletableFuture<Message> call =
                        message.type() == Message.RESPONSE ? waiting.remove(message.stream()) : null;
                if (call != null) {
                    call.complete(message);
                } else {
                    // The call's deadline has passed, or there was no such call.
                    log.debug("a message for stream {} is dropped", Integer.toUnsignedString(message.stream()));
                }
            }
        } catch (IOException e) {
            messages.fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            messages.fail(new IOException("interrupted", e));
        } catch (RuntimeException e) {
            messages.fail(new IOException("an answer cannot be read: " + e, e));
        } finally {
            ended = true;
            waiting.values().forEach(call -> call.completeExceptionally(new IOException("the trunk has ended")));
        }
    }

    /**
     * Calls a method and waits for the answer.
     *
     * @param timeout the time limit, above zero; the server is told
     * @return the response's message, encoded
     * @throws TtrpcException the server's status; {@link TtrpcStatus#DEADLINE_EXCEEDED} after the timeout, {@link
     *     TtrpcStatus#RESOURCE_EXHAUSTED} for a request that is too long, {@link TtrpcStatus#UNAVAILABLE} if the trunk
     *     has ended
     */
    public ByteString call(
            String service, String method, ByteString payload, Duration timeout, Map<String, String> metadata)
            throws TtrpcException, InterruptedException {
        Request.Builder request = Request.newBuilder()
                .setService(service)
                .setMethod(method)
                .setPayload(payload)
                .setTimeoutNano(timeout.toNanos());
        metadata.forEach((key, value) ->
                request.addMetadata(KeyValue.newBuilder().setKey(key).setValue(value)));
        CompletableFuture<Message> answer = new CompletableFuture<>();
        int stream = send(request.build().toByteArray(), answer);
        try {
            return payload(answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw new TtrpcException(
                    TtrpcStatus.DEADLINE_EXCEEDED, service + "." + method + ": no answer within " + timeout);
        } catch (ExecutionException e) {
            throw new TtrpcException(TtrpcStatus.UNAVAILABLE, service + "." + method + ": the trunk has ended");
        } finally {
            waiting.remove(stream);
        }
    }

    /** Sends a request. Ids must go out in the order in which they are assigned. */
    private int send(byte[] request, CompletableFuture<Message> answer) throws TtrpcException {
        sending.lock();
        try {
            if (next < 0) {
                throw new TtrpcException(TtrpcStatus.UNAVAILABLE, "all stream ids of the connection are used");
            }
            int stream = next;
            waiting.put(stream, answer);
            try {
                messages.write(stream, Message.REQUEST, request);
            } catch (IOException e) {
                waiting.remove(stream);
                throw new TtrpcException(TtrpcStatus.UNAVAILABLE, String.valueOf(e.getMessage()));
            } catch (TtrpcException e) {
                waiting.remove(stream);
                throw e;
            }
            next += 2;
            if (ended) {
                answer.completeExceptionally(new IOException("the trunk has ended"));
            }
            return stream;
        } finally {
            sending.unlock();
        }
    }

    private static ByteString payload(Message answer) throws TtrpcException {
        if (answer.isOversized()) {
            throw new TtrpcException(
                    TtrpcStatus.RESOURCE_EXHAUSTED,
                    "message length " + answer.length() + " exceeds the maximum of " + Message.MAX_DATA + " bytes");
        }
        Response response;
        try {
            response = Response.parseFrom(answer.data());
        } catch (InvalidProtocolBufferException e) {
            throw new TtrpcException(TtrpcStatus.INTERNAL, "the answer cannot be read: " + e.getMessage());
        }
        if (response.getStatus().getCode() != 0) {
            throw new TtrpcException(
                    response.getStatus().getCode(), response.getStatus().getMessage());
        }
        return response.getPayload();
    }
}
