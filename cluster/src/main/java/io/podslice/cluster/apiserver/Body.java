package io.podslice.cluster.apiserver;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, read as it comes and with a deadline for each reading, which the JDK's streams do not have. Holds
 * one part at a time, of at most some ten KiB; what else the server sends waits in the kernel.
 */
final class Body implements HttpResponse.BodySubscriber<Body>, AutoCloseable {
    private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
    private List<ByteBuffer> present = List.of();
    private int next;
    private boolean isEnded;
    private volatile Flow.@Nullable Subscription subscription;
    private volatile boolean isClosed;

    private sealed interface Part {
        record Bytes(List<ByteBuffer> buffers) implements Part {}

        record Broken(Throwable cause) implements Part {}

        record End() implements Part {}
    }

    @Override
    public CompletionStage<Body> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (isClosed) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        parts.add(new Part.Bytes(buffers));
    }

    @Override
    public void onError(Throwable cause) {
        parts.add(new Part.Broken(cause));
    }

    @Override
    public void onComplete() {
        parts.add(new Part.End());
    }

    /**
     * Reads up to that many bytes, fewer only at the end of the body. For one thread.
     *
     * @param deadline the end of the time for all of them
     * @throws IOException if the connection breaks, or the deadline passes
     */
    byte[] read(int most, Deadline deadline) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.min(most, 8 << 10));
        while (bytes.position() < most && await(deadline)) {
            ByteBuffer from = present.get(next);
            int count = Math.min(from.remaining(), most - bytes.position());
            bytes = withRoom(bytes, count, most);
            bytes.put(bytes.position(), from, from.position(), count);
            bytes.position(bytes.position() + count);
            from.position(from.position() + count);
        }
        byte[] read = new byte[bytes.position()];
        bytes.flip().get(read);
        return read;
    }

    /** Reads one byte; -1 at the end of the body. For one thread. */
    int read(Deadline deadline) throws IOException {
        return await(deadline) ? present.get(next).get() & 0xff : -1;
    }

    /** Grows with what has come, so that a length that the server only claims costs nothing. */
    private static ByteBuffer withRoom(ByteBuffer bytes, int count, int most) {
        if (bytes.remaining() >= count) {
            return bytes;
        }
        long wanted = Math.max(2L * bytes.capacity(), (long) bytes.position() + count);
        return ByteBuffer.allocate((int) Math.min(wanted, most)).put(bytes.flip());
    }

    /** Waits for a byte; false at the end of the body. */
    private boolean await(Deadline deadline) throws IOException {
        while (!isEnded) {
            while (next < present.size()) {
                if (present.get(next).hasRemaining()) {
                    return true;
                }
                next++;
            }
            take(deadline);
        }
        return false;
    }

    private void take(Deadline deadline) throws IOException {
        Part part;
        try {
            part = parts.poll(deadline.nanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        switch (part) {
            case null -> throw new IOException("the API server has gone silent");
            case Part.Bytes(List<ByteBuffer> buffers) -> {
                present = buffers;
                next = 0;
                Flow.Subscription known = subscription;
                if (known != null) {
                    known.request(1);
                }
            }
            case Part.Broken(Throwable cause) ->
                throw new IOException("the connection broke: " + cause.getMessage(), cause);
            case Part.End() -> isEnded = true;
        }
    }

    /** Gives the rest of the body up, and its connection with it. Wakes no reader. */
    @Override
    public void close() {
        isClosed = true;
        Flow.Subscription known = subscription;
        if (known != null) {
            known.cancel();
        }
    }

    /** Gives the body up from another thread: the reader gets an IOException. */
    void cut() {
        close();
        parts.add(new Part.Broken(new IOException("closed")));
    }
}
