package io.podslice.nri.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.nri.mux.MuxConnection;
import io.podslice.proto.ttrpc.KeyValue;
import io.podslice.proto.ttrpc.Request;
import io.podslice.proto.ttrpc.Response;
import io.podslice.proto.ttrpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers unary calls on one connection. Answers an improper request with a status as Go's server does, and leaves the
 * connection open; ends it only when messages can no longer be told apart.
 */
public final class TtrpcServer {
    private static final Logger log = LoggerFactory.getLogger(TtrpcServer.class);

    /**
     * The most calls answered at once; further calls get a status to retry later. NRI's runtime makes one call at a
     * time.
     */
    private static final int MAX_CALLS = 64;

    /** The most bytes of requests answered at once; further calls get a status to retry later. */
    private static final int MAX_BYTES = 4 * Message.MAX_DATA;

    private final MessageStream messages;
    private final Map<String, TtrpcService> services;
    private final Semaphore calls = new Semaphore(MAX_CALLS);
    private final Semaphore bytes = new Semaphore(MAX_BYTES);

    private volatile boolean ended;

    /** The highest stream id so far; used by the thread that has the right to read. */
    private int last;

    /**
     * Makes a server of the connection.
     *
     * @param services by their full names
     * @param patience the longest silence of the caller in the middle of a message
     */
    public TtrpcServer(MuxConnection connection, Map<String, TtrpcService> services, Duration patience) {
        this.messages = new MessageStream(connection, patience);
        this.services = Map.copyOf(services);
    }

    /**
     * Serves until the trunk ends, on the calling thread and others like it. The thread that has read a call answers it,
     * while another waits for the next: no thread but that one is woken for a call, and no call is kept from being read
     * by one before it.
     */
    public void serve() {
        while (begun()) {
            @Nullable Runnable call;
            boolean another;
            try {
                call = ended ? null : next();
            } finally {
                another = messages.end();
            }
            if (ended) {
                return;
            }
            if (!another) {
                Thread.ofPlatform().daemon().name("ttrpc-server").start(this::serve);
            }
            if (call != null) {
                call.run();
            }
        }
    }

    private boolean begun() {
        try {
            return messages.begin();
        } catch (InterruptedException e) {
            interrupted(e);
            return false;
        }
    }

    /** Reads the next message, and returns what is left to do for it, or null; called with the right to read. */
    private @Nullable Runnable next() {
        try {
            return accept(messages.readBegun());
        } catch (IOException e) {
            messages.fail(e);
        } catch (InterruptedException e) {
            interrupted(e);
        } catch (RuntimeException e) {
            messages.fail(new IOException("a message cannot be read: " + e, e));
        }
        ended = true;
        return null;
    }

    private void interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        messages.fail(new IOException("interrupted", e));
    }

    private @Nullable Runnable accept(Message message) throws IOException {
        int stream = message.stream();
        if (message.isOversized()) {
            answer(
                    stream,
                    TtrpcStatus.RESOURCE_EXHAUSTED,
                    "message length " + message.length() + " exceeds the maximum of " + Message.MAX_DATA + " bytes");
            claim(stream);
            return null;
        }
        switch (message.type()) {
            case Message.REQUEST -> {
                return acceptRequest(message);
            }
            case Message.DATA ->
                answer(stream, TtrpcStatus.INVALID_ARGUMENT, "stream " + name(stream) + " is not open for data");
            default -> log.debug("a message of type {} on stream {} is dropped", message.type(), name(stream));
        }
        return null;
    }

    private @Nullable Runnable acceptRequest(Message message) throws IOException {
        int stream = message.stream();
        if (stream % 2 == 0) {
            answer(stream, TtrpcStatus.INVALID_ARGUMENT, "stream id " + name(stream) + " must be odd");
            return null;
        }
        if (!claim(stream)) {
            answer(
                    stream,
                    TtrpcStatus.INVALID_ARGUMENT,
                    "stream id " + name(stream) + " must be higher than the last, " + name(last));
            return null;
        }
        if ((message.flags() & Message.REMOTE_OPEN) != 0) {
            answer(stream, TtrpcStatus.INVALID_ARGUMENT, "stream " + name(stream) + ": only unary calls are served");
            return null;
        }
        int length = message.data().size();
        if (!calls.tryAcquire()) {
            answer(stream, TtrpcStatus.RESOURCE_EXHAUSTED, MAX_CALLS + " calls are being answered");
        } else if (!bytes.tryAcquire(length)) {
            calls.release();
            answer(stream, TtrpcStatus.RESOURCE_EXHAUSTED, MAX_BYTES + " bytes of calls are being answered");
        } else {
            long now = System.nanoTime();
            OneReply reply = new OneReply(stream, () -> {
                bytes.release(length);
                calls.release();
            });
            return () -> call(message.data(), now, reply);
        }
        return null;
    }

    /** Claims a stream id; returns true if the caller may use it now, after which it may not use it again. */
    private boolean claim(int stream) {
        if (Integer.compareUnsigned(stream, last) <= 0) {
            return false;
        }
        last = stream;
        return true;
    }

    /** Answers a call once; further answers are dropped. */
    private final class OneReply implements TtrpcService.Reply {
        private final int stream;
        private final Runnable released;
        private final AtomicBoolean answered = new AtomicBoolean();

        OneReply(int stream, Runnable released) {
            this.stream = stream;
            this.released = released;
        }

        @Override
        public void with(ByteString response) {
            give(Response.newBuilder().setPayload(response).build());
        }

        @Override
        public void refused(TtrpcException status) {
            give(failure(status.code(), String.valueOf(status.getMessage())));
        }

        private void give(Response response) {
            if (answered.compareAndSet(false, true)) {
                try {
                    answer(stream, response);
                } finally {
                    released.run();
                }
            }
        }
    }

    private void call(ByteString data, long receivedAt, OneReply reply) {
        try {
            Request request = Request.parseFrom(data);
            TtrpcService service = services.get(request.getService());
            if (service == null) {
                throw new TtrpcException(
                        TtrpcStatus.UNIMPLEMENTED, "service " + request.getService() + " is not implemented");
            }
            service.call(request.getMethod(), request.getPayload(), context(request, receivedAt), reply);
        } catch (InvalidProtocolBufferException e) {
            reply.give(failure(TtrpcStatus.INVALID_ARGUMENT, "the message cannot be read: " + e.getMessage()));
        } catch (TtrpcException e) {
            reply.refused(e);
        } catch (RuntimeException e) {
            log.error("a call failed: {}", e.getMessage(), e);
            reply.give(failure(TtrpcStatus.INTERNAL, e.toString()));
        }
    }

    private static CallContext context(Request request, long receivedAt) {
        OptionalLong deadline = request.getTimeoutNano() > 0
                ? OptionalLong.of(receivedAt + request.getTimeoutNano())
                : OptionalLong.empty();
        Map<String, List<String>> metadata = new LinkedHashMap<>();
        for (KeyValue pair : request.getMetadataList()) {
            metadata.computeIfAbsent(pair.getKey(), key -> new ArrayList<>()).add(pair.getValue());
        }
        return new CallContext(deadline, metadata);
    }

    private static Response failure(int code, String message) {
        return Response.newBuilder()
                .setStatus(Status.newBuilder().setCode(code).setMessage(message))
                .build();
    }

    private void answer(int stream, int code, String message) throws IOException {
        answer(stream, failure(code, message));
    }

    private void answer(int stream, Response response) {
        try {
            try {
                messages.write(stream, Message.RESPONSE, response.toByteArray());
            } catch (TtrpcException e) {
                messages.write(
                        stream,
                        Message.RESPONSE,
                        failure(e.code(), String.valueOf(e.getMessage())).toByteArray());
            }
        } catch (IOException | TtrpcException e) {
            log.debug("stream {}: the caller cannot be answered: {}", name(stream), e.getMessage());
        }
    }

    private static String name(int stream) {
        return Integer.toUnsignedString(stream);
    }
}
