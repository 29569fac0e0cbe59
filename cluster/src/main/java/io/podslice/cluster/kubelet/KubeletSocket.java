package io.podslice.cluster.kubelet;

import io.podslice.cluster.source.SourceAbsentException;
import io.podslice.grpc.GrpcCall;
import io.podslice.grpc.GrpcResponse;
import io.podslice.grpc.UnixSocket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One of the kubelet's sockets. Each call connects anew by the path, since a kubelet that starts replaces the file. Safe
 * for use by many threads.
 */
public final class KubeletSocket {
    private static final String KUBELET = "the kubelet";
    private static final Duration TIME_TO_CONNECT = Duration.ofSeconds(1);

    /** The kubelet's limit grants 100 calls a second, one in 10 ms, and 10 at once. */
    private static final long FIRST_PAUSE_MILLIS = 10;

    private static final long LONGEST_PAUSE_MILLIS = 80;

    private final Path path;
    private final int mostMessageBytes;
    private final String absence;

    /**
     * @param path of the socket file; need not exist yet
     * @param mostMessageBytes the most bytes of one message that the kubelet may send; a larger one is an error
     * @param absence the likely reason where there is no such file
     */
    public KubeletSocket(Path path, int mostMessageBytes, String absence) {
        this.path = path;
        this.mostMessageBytes = mostMessageBytes;
        this.absence = absence;
    }

    /** Returns the path of the socket file. */
    public Path path() {
        return path;
    }

    /**
     * Calls a method. An answer that the rate limit is used up is no answer: the call is repeated after short pauses
     * while there is time.
     *
     * @param service its full name
     * @param request the encoded request
     * @param atMost the time for connecting and all attempts; at least a millisecond
     * @return the encoded reply
     * @throws CallFailedException if the kubelet answers with an error, or not in time
     * @throws SourceAbsentException if there is no socket
     * @throws IOException if the kubelet cannot be reached, or the connection breaks
     */
    public ByteBuffer call(String service, String method, ByteBuffer request, Duration atMost) throws IOException {
        long deadline = System.nanoTime() + atMost.toNanos();
        long pauseMillis = FIRST_PAUSE_MILLIS;
        CallFailedException before = null;
        while (true) {
            GrpcResponse response = once(path(service, method), request, leftMillis(deadline));
            if (response.isOk()) {
                return response.reply();
            }
            CallFailedException failure = new CallFailedException(method, response.status());
            if (failure.isLate() && before != null) {
                throw before; // The limit is the reason why there was no time left for this attempt.
            }
            long pause = ThreadLocalRandom.current().nextLong(pauseMillis, 2 * pauseMillis);
            if (!failure.isRateLimit() || leftMillis(deadline) <= pause) {
                throw failure;
            }
            before = failure;
            pause(pause);
            pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
        }
    }

    static String path(String service, String method) {
        return "/" + service + "/" + method;
    }

    private static long leftMillis(long deadline) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
    }

    private GrpcResponse once(String methodPath, ByteBuffer request, long millis) throws IOException {
        checkPresent();
        try {
            UnixSocket socket = new UnixSocket(KUBELET, path, Duration.ofMillis(millis));
            return new GrpcCall(socket, mostMessageBytes).unary(methodPath, List.of(), request.duplicate(), millis);
        } catch (IOException e) {
            throw explained(e);
        }
    }

    /**
     * Prepares a call whose response is a stream.
     *
     * @param service its full name
     * @param request the encoded request
     */
    public KubeletStream stream(String service, String method, ByteBuffer request) {
        UnixSocket socket = new UnixSocket(KUBELET, path, TIME_TO_CONNECT);
        return new KubeletStream(this, new GrpcCall(socket, mostMessageBytes), service, method, request);
    }

    /** @throws SourceAbsentException if there is no socket file: a kubelet that has just died is told from none at all */
    void checkPresent() throws SourceAbsentException {
        if (!Files.exists(path)) {
            throw new SourceAbsentException("no socket " + path + ": " + absence);
        }
    }

    /** Returns the failure of a call with a text that names the kubelet or its socket. */
    IOException explained(IOException e) {
        String text = e.getMessage() == null ? e.toString() : e.getMessage();
        return new IOException(text.startsWith(KUBELET) ? text : path + ": " + text, e);
    }

    private static void pause(long millis) throws InterruptedIOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the kubelet");
        }
    }
}
